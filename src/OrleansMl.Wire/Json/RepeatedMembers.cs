using System.Text.Json;

namespace OrleansMl.Wire;

/// <summary>Looks through a value that is taken as it stands: no member twice, at any depth, and all text valid.</summary>
internal static class RepeatedMembers
{
    /// <summary>Leaves the reader on the value's last token.</summary>
    /// <exception cref="InputFaultException">A member is given twice.</exception>
    public static void Refuse(ref StrictReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                var names = new HashSet<string>(StringComparer.Ordinal);
                while (reader.NextName() is { } name)
                {
                    if (!names.Add(name))
                        throw reader.Fault("repeated_member", $"The member '{JsonFaults.Shorten(name)}' is given twice; give it once.");
                    Refuse(ref reader);
                }

                break;
            case JsonTokenType.StartArray:
                while (reader.NextElement())
                    Refuse(ref reader);
                break;
            case JsonTokenType.String:
                _ = reader.ReadString("The value");
                break;
        }
    }
}

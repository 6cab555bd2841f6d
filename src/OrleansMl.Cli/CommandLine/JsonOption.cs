using System.Text.Json;

namespace OrleansMl.Cli.CommandLine;

/// <summary>Options whose value is JSON.</summary>
internal static class JsonOption
{
    /// <exception cref="CommandException">It is none; names the option.</exception>
    public static JsonElement Parse(string option, string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.Clone();
        }
        catch (JsonException fault)
        {
            throw CommandException.Invalid($"{option} is no JSON: {fault.Message}");
        }
    }

    /// <summary>Members of an object; none where the option was not given (null).</summary>
    /// <exception cref="CommandException">It is no object.</exception>
    public static Dictionary<string, object> Members(string option, string? text)
    {
        if (text is null)
            return [];
        var value = Parse(option, text);
        if (value.ValueKind != JsonValueKind.Object)
            throw CommandException.Invalid($"{option} is '{text}'; give a JSON object.");
        var members = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (var member in value.EnumerateObject())
            members[member.Name] = member.Value;
        return members;
    }
}

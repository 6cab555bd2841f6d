using System.Globalization;
using System.Text;
using System.Text.Json;

namespace OrleansMl.Wire;

/// <summary>
/// RFC 6901 pointers from byte offsets. A pointer is wanted only when something is wrong, so the text is walked again
/// then, and good input pays nothing for it.
/// </summary>
public static class JsonPointers
{
    private struct Frame
    {
        public bool IsArray;
        public int Index;
        public string? Name;
    }

    /// <summary>Pointer to the value, member or container that the token at <paramref name="offset"/> belongs to; "" is the whole text.</summary>
    public static string At(ReadOnlySpan<byte> json, long offset)
    {
        var frames = new List<Frame>();
        var reader = new Utf8JsonReader(json);
        try
        {
            while (reader.Read())
            {
                var isEnd = reader.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray;
                if (isEnd)
                    frames.RemoveAt(frames.Count - 1);
                else if (frames.Count > 0)
                    Enter(frames, ref reader);
                if (reader.TokenStartIndex >= offset)
                    break;
                if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
                    frames.Add(new Frame { IsArray = reader.TokenType == JsonTokenType.StartArray, Index = -1 });
            }
        }
        catch (JsonException)
        {
            // the place where the text breaks: the path so far is the best there is
        }

        var pointer = new StringBuilder();
        foreach (var frame in frames)
        {
            if (frame.IsArray && frame.Index >= 0)
                pointer.Append('/').Append(frame.Index.ToString(CultureInfo.InvariantCulture));
            else if (frame.Name is not null)
                pointer.Append('/').Append(Escape(frame.Name));
        }

        return pointer.ToString();
    }

    /// <summary>One reference token, escaped.</summary>
    public static string Escape(string name) => name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    private static void Enter(List<Frame> frames, ref Utf8JsonReader reader)
    {
        var top = frames[^1];
        if (top.IsArray)
            top.Index++;
        else if (reader.TokenType == JsonTokenType.PropertyName)
            top.Name = NameOf(ref reader);
        frames[^1] = top;
    }

    private static string NameOf(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return Encoding.UTF8.GetString(reader.ValueSpan);
        }
    }
}

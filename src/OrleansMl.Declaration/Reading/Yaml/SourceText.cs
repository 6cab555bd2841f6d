namespace OrleansMl.Declaration.Yaml;

/// <summary>Checks of the characters before the scanner sees them.</summary>
internal static class SourceText
{
    /// <summary>The text to scan, of the same lines and columns; null when there are faults.</summary>
    public static string? Check(string text, FaultSink faults)
    {
        var start = text.Length > 0 && text[0] == '\uFEFF' ? 1 : 0;
        var body = text.AsSpan(start);
        if (body.IsWhiteSpace())
        {
            faults.Fault("yaml_empty", "", new Mark(1, 1), "The file is empty; begin with `apiVersion: orleansml/v1`.");
            return null;
        }

        // JSON may be indented by tabs, and its texts cannot hold a raw tab: there every tab is white space.
        var isFlow = body.TrimStart()[0] is '{' or '[';
        int line = 1, column = 1;
        var inIndentation = true;
        for (var i = start; i < text.Length; i++, column++)
        {
            var c = text[i];
            if (c == '\n' || (c == '\r' && (i + 1 == text.Length || text[i + 1] != '\n')))
            {
                (line, column, inIndentation) = (line + 1, 0, true);
                continue;
            }

            if (c == '\t' && inIndentation && !isFlow)
            {
                faults.Fault("yaml_tab", "", new Mark(line, column), "A tab indents this line; YAML wants spaces: replace it.");
                inIndentation = false;
                continue;
            }

            inIndentation &= c == ' ';
            if (c is '\t' or '\r' || (!char.IsControl(c) && !char.IsSurrogate(c) && c is not ('\uFEFF' or '\uFFFE' or '\uFFFF')))
                continue;
            if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                i++;
                column++;
                continue;
            }

            faults.Fault("yaml_character", "", new Mark(line, column), $"The character U+{(int)c:X4} is not allowed here; remove it.");
        }

        return faults.Any ? null : isFlow ? text[start..].Replace('\t', ' ') : text[start..];
    }

    /// <summary>Index of the first surrogate without its other half; −1: none.</summary>
    public static int LoneSurrogate(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
                i++;
            else if (char.IsSurrogate(text[i]))
                return i;
        }

        return -1;
    }
}

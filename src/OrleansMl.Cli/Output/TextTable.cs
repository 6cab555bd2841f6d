namespace OrleansMl.Cli.Output;

/// <summary>Headers and rows of text; see <see cref="RightAligned"/> for numbers.</summary>
internal sealed record TextTable(IReadOnlyList<string> Headers, IReadOnlyList<IReadOnlyList<string>> Rows)
{
    /// <summary>Indices of the columns that are flush right.</summary>
    public IReadOnlySet<int> RightAligned { get; init; } = new HashSet<int>();

    /// <summary>Columns padded with blanks, two between them: good for people, <c>grep</c> and <c>awk</c> alike.</summary>
    public string ToPlainText()
    {
        var widths = new int[Headers.Count];
        foreach (var row in Rows.Prepend(Headers))
        {
            for (var column = 0; column < widths.Length; column++)
                widths[column] = Math.Max(widths[column], row[column].Length);
        }

        var text = new System.Text.StringBuilder();
        foreach (var row in Rows.Prepend(Headers))
        {
            var cells = row.Select((cell, column) => RightAligned.Contains(column) ? cell.PadLeft(widths[column]) : cell.PadRight(widths[column]));
            text.Append(string.Join("  ", cells).TrimEnd()).Append('\n');
        }

        return text.ToString();
    }
}

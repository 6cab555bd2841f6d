namespace OrleansMl.Storage.Embedded.Sqlite;

/// <summary>
/// A statement's text with a number of its own, by which each connection finds its prepared form without hashing the text.
/// </summary>
internal sealed class SqlText(string text)
{
    private static int s_count;

    public string Text { get; } = text;

    public int Index { get; } = Interlocked.Increment(ref s_count) - 1;
}

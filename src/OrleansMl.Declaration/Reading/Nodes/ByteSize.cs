using System.Globalization;

namespace OrleansMl.Declaration;

/// <summary>Amounts of memory as written in files: a whole number and <c>MiB</c> or <c>GiB</c>.</summary>
internal static class ByteSize
{
    private const long MiB = 1L << 20;
    private const long GiB = 1L << 30;

    /// <summary>Largest admissible one.</summary>
    public const long Largest = 1024 * GiB;

    public static bool TryParse(string text, out long bytes)
    {
        bytes = 0;
        long? unit = text switch
        {
            _ when text.EndsWith("MiB", StringComparison.Ordinal) => MiB,
            _ when text.EndsWith("GiB", StringComparison.Ordinal) => GiB,
            _ => null,
        };
        if (unit is null || !int.TryParse(text.AsSpan(0, text.Length - 3), NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count < 1)
            return false;
        if (count > Largest / unit.Value)
            return false;
        bytes = count * unit.Value;
        return true;
    }

    /// <summary>As it would be written.</summary>
    public static string Text(long bytes) => bytes % GiB == 0 ? FormattableString.Invariant($"{bytes / GiB}GiB") : FormattableString.Invariant($"{bytes / MiB}MiB");
}

using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace OrleansMl.Streams.Kafka.Records;

/// <summary>Text and times of records, strictly.</summary>
internal static class StrictText
{
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'";
    private const int TicksDigits = 7;
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <exception cref="EncoderFallbackException">The text has a lone surrogate.</exception>
    public static byte[] Encode(string text) => Utf8.GetBytes(text);

    /// <summary>For text that must be written whatever it is: lone surrogates become U+FFFD.</summary>
    public static byte[] EncodeLossy(string text) => Encoding.UTF8.GetBytes(text);

    public static bool TryDecode(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out string? text)
    {
        try
        {
            text = Utf8.GetString(bytes);
            return true;
        }
        catch (DecoderFallbackException)
        {
            text = null;
            return false;
        }
    }

    /// <summary>RFC 3339 in UTC, to 100 ns.</summary>
    public static string FormatTime(DateTime time) => time.ToUniversalTime().ToString(TimeFormat, CultureInfo.InvariantCulture);

    /// <summary>RFC 3339, section 5.6; digits below 100 ns, as Java and Go write them, are cut off. The result is UTC.</summary>
    public static bool TryParseTime(string text, out DateTime time)
    {
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        if (dot >= 0)
        {
            var end = dot + 1;
            while (end < text.Length && char.IsAsciiDigit(text[end]))
                end++;
            if (end == dot + 1)
            {
                time = default;
                return false;
            }

            if (end - dot - 1 > TicksDigits)
                text = string.Concat(text.AsSpan(0, dot + 1 + TicksDigits), text.AsSpan(end));
        }

        return DateTime.TryParseExact(
            text.ToUpperInvariant(),
            ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz"],
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out time);
    }
}

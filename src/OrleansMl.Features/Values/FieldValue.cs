using System.Globalization;

namespace OrleansMl.Features;

/// <summary>
/// One value of a record's field or of a feature: 16 bytes. Values are equal when kind and content are equal; a truth
/// value never equals a number, and −0 is 0.
/// </summary>
public readonly struct FieldValue : IEquatable<FieldValue>
{
    // The kind lives in the reference: null, one of the two markers, or the text itself.
    private static readonly object NumberMarker = new();
    private static readonly object BoolMarker = new();

    private readonly object? _content;
    private readonly double _number;

    private FieldValue(object content, double number)
    {
        _content = content;
        _number = number;
    }

    /// <summary>No value; also <c>default</c>.</summary>
    public static FieldValue Missing => default;

    public FieldValueKind Kind => _content switch
    {
        null => FieldValueKind.Missing,
        string => FieldValueKind.Text,
        _ => ReferenceEquals(_content, NumberMarker) ? FieldValueKind.Number : FieldValueKind.Bool,
    };

    public bool IsMissing => _content is null;

    /// <summary>A number, or a truth value as 1 or 0: what sums, means, minima and maxima are made of.</summary>
    public bool IsNumeric => ReferenceEquals(_content, NumberMarker) || ReferenceEquals(_content, BoolMarker);

    /// <exception cref="ArgumentOutOfRangeException">The number is NaN or infinite.</exception>
    public static FieldValue Of(double number) => double.IsFinite(number)
        ? new(NumberMarker, number + 0.0) // −0 + 0 is 0: equal values have equal bytes
        : throw new ArgumentOutOfRangeException(nameof(number), number, "A value must be finite; a missing one is FieldValue.Missing.");

    public static FieldValue Of(bool value) => new(BoolMarker, value ? 1 : 0);

    public static FieldValue Of(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new(text, 0);
    }

    /// <summary>The number; 1 or 0 for a truth value; NaN for anything else.</summary>
    public double AsNumber() => IsNumeric ? _number : double.NaN;

    /// <summary>The text; null when the value is not text.</summary>
    public string? AsText() => _content as string;

    /// <summary>The truth value; null when the value is not one.</summary>
    public bool? AsBool() => ReferenceEquals(_content, BoolMarker) ? _number != 0 : null;

    public bool Equals(FieldValue other) => _content is string text
        ? other._content is string otherText && text == otherText
        : ReferenceEquals(_content, other._content) && _number == other._number;

    public override bool Equals(object? obj) => obj is FieldValue other && Equals(other);

    public override int GetHashCode() => _content switch
    {
        null => 0,
        string text => text.GetHashCode(),
        _ => ReferenceEquals(_content, NumberMarker) ? _number.GetHashCode() : ~_number.GetHashCode(),
    };

    public static bool operator ==(FieldValue left, FieldValue right) => left.Equals(right);

    public static bool operator !=(FieldValue left, FieldValue right) => !left.Equals(right);

    public override string ToString() => Kind switch
    {
        FieldValueKind.Missing => "missing",
        FieldValueKind.Text => (string)_content!,
        FieldValueKind.Bool => _number != 0 ? "true" : "false",
        _ => _number.ToString("R", CultureInfo.InvariantCulture),
    };

    /// <summary>The number of an aggregate, missing where it left the range of doubles.</summary>
    internal static FieldValue OfAggregate(double number) => double.IsFinite(number) ? new(NumberMarker, number + 0.0) : default;
}

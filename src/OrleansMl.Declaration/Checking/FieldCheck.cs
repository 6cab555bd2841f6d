using System.Globalization;
using System.Text;
using OrleansMl.Declaration.Yaml;

namespace OrleansMl.Declaration;

/// <summary>
/// Whether a value that arrives fits what was declared: fields of events, attributes of entities, inputs of requests.
/// Every method returns null when it fits, else why not: the field, the value, the limit.
/// </summary>
public static class FieldCheck
{
    /// <summary>Whole numbers beyond ±2^53 are not exact in a double.</summary>
    private const double MaxExact = 9_007_199_254_740_992;

    private const int MaxIdBytes = 256;

    /// <summary>Why a number does not fit.</summary>
    public static string? WhyNotNumber(FieldDefinition field, double value)
    {
        ArgumentNullException.ThrowIfNull(field);
        var said = value.ToString("R", CultureInfo.InvariantCulture);
        if (field.Type is not (FieldType.Float or FieldType.Int))
            return WrongType(field, $"the number {said}");
        if (!double.IsFinite(value))
            return $"'{field.Name}' is {said}; numbers are finite.";
        if (field.Type == FieldType.Int && value != Math.Floor(value))
            return $"'{field.Name}' is {said}; it must be a whole number.";
        if (field.Type == FieldType.Int && Math.Abs(value) > MaxExact)
            return $"'{field.Name}' is {said}; whole numbers are at most 2^53 in size.";
        if (value < field.Min || value > field.Max)
            return $"'{field.Name}' is {said}; it must be {Range(field)}.";
        return null;
    }

    /// <summary>Why a text does not fit. The id of an entity is 1 to 256 bytes of UTF-8 without control characters.</summary>
    public static string? WhyNotText(FieldDefinition field, string value)
    {
        ArgumentNullException.ThrowIfNull(field);
        ArgumentNullException.ThrowIfNull(value);
        if (field.Type is not (FieldType.String or FieldType.Ref))
            return WrongType(field, $"the text '{Excerpt.Of(value)}'");
        var lone = SourceText.LoneSurrogate(value);
        if (lone >= 0)
            return $"'{field.Name}' holds the lone surrogate U+{(int)value[lone]:X4}; send valid Unicode.";
        if (field.Type == FieldType.String)
            return null;
        if (string.IsNullOrWhiteSpace(value))
            return $"'{field.Name}' is empty; it must be the id of an entity of type '{field.Entity}'.";
        foreach (var c in value)
        {
            if (char.IsControl(c))
                return $"'{field.Name}' holds the control character U+{(int)c:X4}, which the id of an entity cannot; remove it.";
        }

        var bytes = Encoding.UTF8.GetByteCount(value);
        return bytes > MaxIdBytes ? $"'{field.Name}' has {bytes} bytes of UTF-8; the id of an entity has at most {MaxIdBytes}." : null;
    }

    /// <summary>Why a truth value does not fit.</summary>
    public static string? WhyNotBool(FieldDefinition field)
    {
        ArgumentNullException.ThrowIfNull(field);
        return field.Type == FieldType.Bool ? null : WrongType(field, "true or false");
    }

    /// <summary>What a field takes, in words.</summary>
    public static string Describe(FieldDefinition field)
    {
        ArgumentNullException.ThrowIfNull(field);
        var range = field.Min is null && field.Max is null ? "" : " " + Range(field);
        return field.Type switch
        {
            FieldType.Float => "a number" + range,
            FieldType.Int => "a whole number" + range,
            FieldType.Bool => "true or false",
            FieldType.Ref => $"a text: the id of an entity of type '{field.Entity}'",
            _ => "a text",
        };
    }

    private static string WrongType(FieldDefinition field, string given) => $"'{field.Name}' is {given}; it must be {Describe(field)}.";

    private static string Range(FieldDefinition field) => (field.Min, field.Max) switch
    {
        ({ } min, { } max) => FormattableString.Invariant($"from {min} to {max}"),
        ({ } min, null) => FormattableString.Invariant($"of at least {min}"),
        (_, { } max) => FormattableString.Invariant($"of at most {max}"),
        _ => "of any size",
    };
}

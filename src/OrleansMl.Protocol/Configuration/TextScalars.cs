using System.Globalization;
using Google.Protobuf.Reflection;

namespace OrleansMl.Protocol.Configuration;

/// <summary>Numbers, truth values and enums of protobuf text format.</summary>
internal static class TextScalars
{
    /// <summary>The value, in the type that the field takes; null when it does not fit.</summary>
    public static object? Read(FieldDescriptor field, TextToken token, bool isNegative) => field.FieldType switch
    {
        FieldType.Bool => isNegative ? null : Truth(token),
        FieldType.Enum => Enumerator(field, token, isNegative),
        FieldType.Float => Real(token, isNegative) is { } real ? (float)real : null,
        FieldType.Double => Real(token, isNegative) is { } real ? real : null,
        FieldType.Int32 => Whole(token, isNegative) is { } number && number >= int.MinValue && number <= int.MaxValue ? (int)number : null,
        FieldType.UInt32 => Whole(token, isNegative) is { } number && number >= 0 && number <= uint.MaxValue ? (uint)number : null,
        FieldType.Int64 => Whole(token, isNegative) is { } number && number >= long.MinValue && number <= long.MaxValue ? (long)number : null,
        FieldType.UInt64 => Whole(token, isNegative) is { } number && number >= 0 && number <= ulong.MaxValue ? (ulong)number : null,
        _ => null,
    };

    /// <summary>What the field takes, for a message.</summary>
    public static string Wanted(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.Bool => "true or false",
        FieldType.Enum => "one of " + string.Join(", ", field.EnumType.Values.Select(v => v.Name)),
        FieldType.Float or FieldType.Double => "a number",
        FieldType.UInt32 or FieldType.UInt64 => "a whole number from 0 on",
        _ => "a whole number",
    };

    private static object? Truth(TextToken token) => (token.Kind, token.Text) switch
    {
        (TextTokenKind.Word, "true" or "True" or "t") or (TextTokenKind.Number, "1") => true,
        (TextTokenKind.Word, "false" or "False" or "f") or (TextTokenKind.Number, "0") => false,
        _ => null,
    };

    private static object? Enumerator(FieldDescriptor field, TextToken token, bool isNegative)
    {
        if (token.Kind == TextTokenKind.Word && !isNegative)
            return field.EnumType.FindValueByName(token.Text) is { } named ? named.Number : null;
        return Whole(token, isNegative) is { } number && field.EnumType.Values.Any(v => v.Number == number) ? (int)number : null;
    }

    private static double? Real(TextToken token, bool isNegative)
    {
        double? value = token.Kind switch
        {
            TextTokenKind.Word => token.Text.ToLowerInvariant() switch
            {
                "inf" or "infinity" => double.PositiveInfinity,
                "nan" => double.NaN,
                _ => null,
            },
            TextTokenKind.Number when double.TryParse(token.Text.AsSpan().TrimEnd("fF"), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => number,
            _ => null,
        };
        return isNegative ? -value : value;
    }

    // Decimal, 0x hexadecimal, 0 octal.
    private static Int128? Whole(TextToken token, bool isNegative)
    {
        if (token.Kind != TextTokenKind.Number)
            return null;
        var text = token.Text;
        Int128 value;
        if (text.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        {
            if (text.Length > 18 || !ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var hexadecimal))
                return null;
            value = hexadecimal;
        }
        else if (text.Length > 1 && text[0] == '0')
        {
            if (text.Length > 22 || text.Any(c => c is < '0' or > '7'))
                return null;
            value = Convert.ToUInt64(text, 8);
        }
        else if (ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            value = number;
        }
        else
        {
            return null;
        }

        return isNegative ? -value : value;
    }
}

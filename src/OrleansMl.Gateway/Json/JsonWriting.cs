using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using OrleansMl.Wire;

namespace OrleansMl.Gateway.Json;

/// <summary>The values of the interface as JSON: versions as strings of digits, times in UTC, doubles that read back equal.</summary>
internal static class JsonWriting
{
    public static void WriteTime(this Utf8JsonWriter writer, ReadOnlySpan<byte> name, DateTime? time)
    {
        if (time is not { } value)
        {
            writer.WriteNull(name);
            return;
        }

        Span<char> text = stackalloc char[Rfc3339.MaxLength];
        writer.WriteString(name, text[..Rfc3339.Format(value, text)]);
    }

    public static void WriteVersion(this Utf8JsonWriter writer, ReadOnlySpan<byte> name, int? version)
    {
        if (version is not { } value)
        {
            writer.WriteNull(name);
            return;
        }

        Span<char> text = stackalloc char[11];
        value.TryFormat(text, out var length, provider: CultureInfo.InvariantCulture);
        writer.WriteString(name, text[..length]);
    }

    public static void WriteVersionValue(this Utf8JsonWriter writer, int version)
    {
        Span<char> text = stackalloc char[11];
        version.TryFormat(text, out var length, provider: CultureInfo.InvariantCulture);
        writer.WriteStringValue(text[..length]);
    }

    /// <summary>A number; null for none and for what JSON cannot carry (NaN, ±∞).</summary>
    public static void WriteNumberOrNull(this Utf8JsonWriter writer, ReadOnlySpan<byte> name, double? number)
    {
        if (number is { } value && double.IsFinite(value))
            writer.WriteNumber(name, value);
        else
            writer.WriteNull(name);
    }

    public static void WriteNumberOrNull(this Utf8JsonWriter writer, ReadOnlySpan<byte> name, long? number)
    {
        if (number is { } value)
            writer.WriteNumber(name, value);
        else
            writer.WriteNull(name);
    }

    public static void WriteScalar(this Utf8JsonWriter writer, ReadOnlySpan<byte> name, Scalar value)
    {
        writer.WritePropertyName(name);
        writer.WriteScalarValue(value);
    }

    public static void WriteEntity(this Utf8JsonWriter writer, ReadOnlySpan<byte> name, EntityId? entity)
    {
        writer.WritePropertyName(name);
        if (entity is not { } value)
        {
            writer.WriteNullValue();
            return;
        }

        writer.WriteStartObject();
        writer.WriteString("type"u8, value.Type);
        writer.WriteString("id"u8, value.Id);
        writer.WriteEndObject();
    }

    /// <summary>An array; empty where there is none.</summary>
    public static void WriteArray<T>(this Utf8JsonWriter writer, ReadOnlySpan<byte> name, ImmutableArray<T> items, Action<Utf8JsonWriter, T> write)
    {
        writer.WriteStartArray(name);
        foreach (var item in items.IsDefault ? [] : items)
            write(writer, item);
        writer.WriteEndArray();
    }

    /// <summary>A value that is written by its own writer; null where there is none.</summary>
    public static void WriteOrNull<T>(this Utf8JsonWriter writer, ReadOnlySpan<byte> name, T? value, Action<Utf8JsonWriter, T> write)
        where T : class
    {
        writer.WritePropertyName(name);
        if (value is null)
            writer.WriteNullValue();
        else
            write(writer, value);
    }

    /// <summary>A string that holds JSON, as JSON; null stays null.</summary>
    public static void WriteJson(this Utf8JsonWriter writer, ReadOnlySpan<byte> name, string? json)
    {
        writer.WritePropertyName(name);
        if (json is null)
            writer.WriteNullValue();
        else
            writer.WriteRawValue(json);
    }
}

using System.Collections;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace OrleansMl.Protocol.Configuration;

/// <summary>
/// A model configuration as JSON. Written as clients of the protocol read it: names as in the proto file, default values
/// present, and 64-bit integers as numbers (protobuf's own mapping makes strings of them).
/// </summary>
public static class ModelConfigJson
{
    private static readonly JsonParser Strict = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(false));
    private static readonly JsonParser Lenient = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));

    /// <summary>Reads a configuration; numbers may be strings, as protobuf's mapping allows.</summary>
    /// <param name="json">An object.</param>
    /// <param name="isLenient">Fields that are not known are passed over.</param>
    /// <exception cref="ModelConfigException">Not JSON, a field that is not known, or a value that does not fit.</exception>
    public static ModelConfig Read(string json, bool isLenient = false)
    {
        ArgumentNullException.ThrowIfNull(json);
        try
        {
            return (isLenient ? Lenient : Strict).Parse<ModelConfig>(json);
        }
        catch (Exception exception) when (exception is IOException or InvalidOperationException or FormatException or OverflowException or ArgumentException)
        {
            throw new ModelConfigException(0, 0, $"The configuration is not a ModelConfig as JSON: {exception.Message}");
        }
    }

    /// <summary>The shortest form that <see cref="Read"/> reads back, for storing.</summary>
    public static string Format(ModelConfig config) => JsonFormatter.Default.Format(config);

    /// <summary>Writes any message of the configuration as an object.</summary>
    public static void Write(Utf8JsonWriter writer, IMessage message)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(message);
        writer.WriteStartObject();
        foreach (var field in message.Descriptor.Fields.InFieldNumberOrder())
        {
            var value = field.Accessor.GetValue(message);
            if (value is null || (field.RealContainingOneof is { } choice && choice.Accessor.GetCaseFieldDescriptor(message) != field))
                continue;
            writer.WritePropertyName(field.Name);
            if (field.IsMap)
                WriteMap(writer, field, (IDictionary)value);
            else if (field.IsRepeated)
                WriteList(writer, field, (IList)value);
            else
                WriteValue(writer, field, value);
        }

        writer.WriteEndObject();
    }

    private static void WriteMap(Utf8JsonWriter writer, FieldDescriptor field, IDictionary map)
    {
        var valueField = field.MessageType.FindFieldByName("value");
        writer.WriteStartObject();
        foreach (DictionaryEntry entry in map)
        {
            writer.WritePropertyName(Convert.ToString(entry.Key, System.Globalization.CultureInfo.InvariantCulture)!);
            WriteValue(writer, valueField, entry.Value!);
        }

        writer.WriteEndObject();
    }

    private static void WriteList(Utf8JsonWriter writer, FieldDescriptor field, IList list)
    {
        writer.WriteStartArray();
        foreach (var item in list)
            WriteValue(writer, field, item);
        writer.WriteEndArray();
    }

    private static void WriteValue(Utf8JsonWriter writer, FieldDescriptor field, object value)
    {
        switch (value)
        {
            case IMessage message:
                Write(writer, message);
                break;
            case string text:
                writer.WriteStringValue(text);
                break;
            case bool truth:
                writer.WriteBooleanValue(truth);
                break;
            case Enum or int when field.FieldType == FieldType.Enum:
                var number = Convert.ToInt32(value, System.Globalization.CultureInfo.InvariantCulture);
                writer.WriteStringValue(field.EnumType.FindValueByNumber(number)?.Name ?? number.ToString(System.Globalization.CultureInfo.InvariantCulture));
                break;
            case float or double:
                var real = Convert.ToDouble(value, System.Globalization.CultureInfo.InvariantCulture);
                if (double.IsFinite(real))
                    writer.WriteNumberValue(real);
                else
                    writer.WriteStringValue(real.ToString(System.Globalization.CultureInfo.InvariantCulture));
                break;
            case ulong unsigned:
                writer.WriteNumberValue(unsigned);
                break;
            default:
                writer.WriteNumberValue(Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture));
                break;
        }
    }
}

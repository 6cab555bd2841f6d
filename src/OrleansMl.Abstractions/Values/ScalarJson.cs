using System.Text.Json;

namespace OrleansMl;

/// <summary>A <see cref="Scalar"/> as the JSON value it is.</summary>
public static class ScalarJson
{
    /// <summary>Writes a number, a text or a truth value; null when missing.</summary>
    public static void WriteScalarValue(this Utf8JsonWriter writer, Scalar value)
    {
        switch (value.Kind)
        {
            case ScalarKind.Number:
                writer.WriteNumberValue(value.AsNumber());
                break;
            case ScalarKind.Text:
                writer.WriteStringValue(value.AsText());
                break;
            case ScalarKind.Bool:
                writer.WriteBooleanValue(value.AsNumber() != 0);
                break;
            default:
                writer.WriteNullValue();
                break;
        }
    }
}

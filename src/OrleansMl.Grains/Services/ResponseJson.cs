using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrleansMl.Services;

/// <summary>How an answer is kept with its prediction, so that a repeated request gets the same.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, Converters = [typeof(ScalarConverter)])]
[JsonSerializable(typeof(PredictResponse))]
internal sealed partial class ResponseJson : JsonSerializerContext;

/// <summary>A value as the JSON value it is; missing as null.</summary>
internal sealed class ScalarConverter : JsonConverter<Scalar>
{
    public override Scalar Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.Null => Scalar.Missing,
        JsonTokenType.True => Scalar.Of(true),
        JsonTokenType.False => Scalar.Of(false),
        JsonTokenType.Number => Scalar.Of(reader.GetDouble()),
        JsonTokenType.String => Scalar.Of(reader.GetString()!),
        _ => throw new JsonException($"{reader.TokenType} is no value."),
    };

    public override bool HandleNull => true;

    public override void Write(Utf8JsonWriter writer, Scalar value, JsonSerializerOptions options) => writer.WriteScalarValue(value);
}

using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using OrleansMl.Declaration;

namespace OrleansMl.Cli.Replay;

/// <summary>Reads answers of <c>predict</c> without building a document.</summary>
internal sealed class PredictionReader
{
    private readonly ImmutableArray<ColumnDefinition> _columns;
    private readonly byte[][] _names;

    public PredictionReader(ImmutableArray<ColumnDefinition> columns)
    {
        _columns = columns;
        _names = [.. columns.Select(column => Encoding.UTF8.GetBytes(column.Name))];
    }

    /// <summary>Fills the answer's part of <paramref name="row"/>; features go into <paramref name="vector"/>.</summary>
    /// <exception cref="JsonException">The answer is not an object with a predictionId.</exception>
    public void Read(ReadOnlySpan<byte> answer, ReplayRow row, RawVector vector)
    {
        var json = new Utf8JsonReader(answer);
        Expect(ref json, JsonTokenType.StartObject);
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (json.ValueTextEquals("predictionId"u8))
                row.PredictionId = Text(ref json);
            else if (json.ValueTextEquals("modelVersion"u8))
                row.ModelVersion = Text(ref json) is { } version ? int.Parse(version, CultureInfo.InvariantCulture) : null;
            else if (json.ValueTextEquals("output"u8))
                ReadOutput(ref json, row);
            else if (json.ValueTextEquals("features"u8))
                ReadFeatures(ref json, vector);
            else
                json.Skip();
        }

        if (row.PredictionId is null)
            throw new JsonException("The answer has no predictionId.");
    }

    private static void ReadOutput(ref Utf8JsonReader json, ReplayRow row)
    {
        json.Read();
        if (json.TokenType == JsonTokenType.Null)
            return;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (json.ValueTextEquals("label"u8))
                row.Label = Text(ref json);
            else if (json.ValueTextEquals("score"u8))
                row.Score = Number(ref json);
            else
                json.Skip();
        }
    }

    /// <summary>A list of {name, value, …} in any order; usually the order of the columns.</summary>
    private void ReadFeatures(ref Utf8JsonReader json, RawVector vector)
    {
        json.Read();
        if (json.TokenType == JsonTokenType.Null)
            return;
        if (json.TokenType != JsonTokenType.StartArray)
            throw new JsonException($"The answer's features begin with {json.TokenType}; a list of {{name, value}} is expected.");
        var next = 0;
        while (json.Read() && json.TokenType == JsonTokenType.StartObject)
        {
            var column = -1;
            var (number, text) = (double.NaN, "");
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                if (json.ValueTextEquals("name"u8))
                {
                    json.Read();
                    column = Find(ref json, next);
                }
                else if (json.ValueTextEquals("value"u8))
                {
                    (number, text) = Value(ref json);
                }
                else
                {
                    json.Skip();
                }
            }

            if (column < 0)
                continue;
            next = column + 1;
            if (_columns[column].IsCategorical)
                vector.Texts![column] = text;
            else
                vector.Numbers[column] = (float)number;
        }
    }

    private int Find(ref Utf8JsonReader json, int next)
    {
        for (var step = 0; step < _names.Length; step++)
        {
            var column = (next + step) % _names.Length;
            if (json.ValueTextEquals(_names[column]))
                return column;
        }

        return -1;
    }

    private static (double Number, string Text) Value(ref Utf8JsonReader json)
    {
        json.Read();
        switch (json.TokenType)
        {
            case JsonTokenType.Number:
                return (json.GetDouble(), Encoding.UTF8.GetString(json.ValueSpan));
            case JsonTokenType.True:
                return (1, "true");
            case JsonTokenType.False:
                return (0, "false");
            case JsonTokenType.String:
                return (double.NaN, json.GetString()!);
            default:
                json.Skip();
                return (double.NaN, "");
        }
    }

    private static string? Text(ref Utf8JsonReader json)
    {
        json.Read();
        return json.TokenType switch
        {
            JsonTokenType.String => json.GetString(),
            JsonTokenType.Number => Encoding.UTF8.GetString(json.ValueSpan),
            JsonTokenType.Null => null,
            _ => throw new JsonException($"A text is expected, {json.TokenType} came."),
        };
    }

    private static double? Number(ref Utf8JsonReader json)
    {
        json.Read();
        return json.TokenType == JsonTokenType.Null ? null : json.GetDouble();
    }

    private static void Expect(ref Utf8JsonReader json, JsonTokenType token)
    {
        if (!json.Read() || json.TokenType != token)
            throw new JsonException($"The answer begins with {json.TokenType}, expected {token}.");
    }
}

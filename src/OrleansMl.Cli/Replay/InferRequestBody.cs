using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using OrleansMl.Cli.Http;
using OrleansMl.Declaration;

namespace OrleansMl.Cli.Replay;

/// <summary>
/// Vectors as a request of the Open Inference Protocol: one [n,1] tensor for each column, FP32 or BYTES, as JSON or by the
/// binary tensor data extension.
/// </summary>
internal static class InferRequestBody
{
    /// <summary>Tensors within the JSON; no number may be missing.</summary>
    public static (ReadOnlyMemory<byte> Body, BodyHeaders Headers) Json(ImmutableArray<ColumnDefinition> columns, IReadOnlyList<ReplayRow> rows)
    {
        var body = Write(columns, rows, (json, column) =>
        {
            json.WriteStartArray("data");
            foreach (var row in rows)
            {
                if (columns[column].IsCategorical)
                    json.WriteStringValue(row.Vector!.Texts![column]);
                else
                    json.WriteNumberValue(row.Vector!.Numbers[column]);
            }

            json.WriteEndArray();
        });
        return (body.ToArray(), BodyHeaders.Json);
    }

    /// <summary>Tensors after the JSON, little-endian; a BYTES element is its length in four bytes, then its UTF-8.</summary>
    public static (ReadOnlyMemory<byte> Body, BodyHeaders Headers) Binary(ImmutableArray<ColumnDefinition> columns, IReadOnlyList<ReplayRow> rows)
    {
        using var data = new MemoryStream();
        var body = Write(columns, rows, (json, column) =>
        {
            var before = data.Position;
            WriteColumn(data, rows, column, columns[column].IsCategorical);
            json.WriteStartObject("parameters");
            json.WriteNumber("binary_data_size", data.Position - before);
            json.WriteEndObject();
        });
        var headers = new BodyHeaders("application/octet-stream", (int)body.Length);
        data.WriteTo(body);
        return (body.ToArray(), headers);
    }

    private static MemoryStream Write(ImmutableArray<ColumnDefinition> columns, IReadOnlyList<ReplayRow> rows, Action<Utf8JsonWriter, int> writeData)
    {
        var body = new MemoryStream();
        using var json = new Utf8JsonWriter(body);
        json.WriteStartObject();
        json.WriteStartArray("inputs");
        for (var column = 0; column < columns.Length; column++)
        {
            json.WriteStartObject();
            json.WriteString("name", columns[column].Name);
            json.WriteString("datatype", columns[column].IsCategorical ? "BYTES" : "FP32");
            json.WriteStartArray("shape");
            json.WriteNumberValue(rows.Count);
            json.WriteNumberValue(1);
            json.WriteEndArray();
            writeData(json, column);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return body;
    }

    private static void WriteColumn(MemoryStream data, IReadOnlyList<ReplayRow> rows, int column, bool isCategorical)
    {
        Span<byte> four = stackalloc byte[4];
        foreach (var row in rows)
        {
            if (!isCategorical)
            {
                BinaryPrimitives.WriteSingleLittleEndian(four, row.Vector!.Numbers[column]);
                data.Write(four);
                continue;
            }

            var text = Encoding.UTF8.GetBytes(row.Vector!.Texts![column]);
            BinaryPrimitives.WriteInt32LittleEndian(four, text.Length);
            data.Write(four);
            data.Write(text);
        }
    }
}

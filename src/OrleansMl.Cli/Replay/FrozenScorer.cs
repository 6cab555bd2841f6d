using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using OrleansMl.Cli.Http;
using OrleansMl.Declaration;

namespace OrleansMl.Cli.Replay;

/// <summary>
/// Asks version 1 about the vectors that were served later, over the Open Inference Protocol: the exported model takes one
/// tensor for each raw column, named like it (FP32 [n,1], NaN missing; BYTES [n,1], empty missing). Nothing is logged or
/// learned by that. Tensors go as binary data, because JSON has no NaN.
/// </summary>
internal sealed class FrozenScorer(ReplayPlan plan, ApiConnection connection)
{
    private const int BatchRows = 256;

    private readonly string _model = Uri.EscapeDataString(plan.Model.Name);

    /// <summary>Fills <see cref="ReplayRow.Frozen"/> of the rows, which have vectors.</summary>
    /// <returns>Why it could not be done; null when it was.</returns>
    public async Task<string?> ScoreAsync(IReadOnlyList<ReplayRow> rows, CancellationToken cancellationToken)
    {
        var loaded = false;
        for (var start = 0; start < rows.Count;)
        {
            var batch = rows.Skip(start).Take(BatchRows).ToList();
            var (body, header) = Request(batch);
            var answer = await connection.SendAsync(HttpMethod.Post, connection.Resolve($"/v2/models/{_model}/versions/1/infer"), body, new BodyHeaders("application/octet-stream", header), cancellationToken).ConfigureAwait(false);
            if (!answer.IsSuccess && !loaded && (int)answer.Status is 400 or 404 or 409 or 503)
            {
                // Version 1 may have been drained long ago.
                loaded = true;
                await connection.SendAsync(HttpMethod.Post, connection.Resolve($"/api/v1/models/{_model}/versions/1/load"), default, null, cancellationToken).ConfigureAwait(false);
                continue;
            }

            if (!answer.IsSuccess)
                return answer.Fault;
            if (Fill(answer.Body, batch) is { } fault)
                return fault;
            start += batch.Count;
        }

        return null;
    }

    private (ReadOnlyMemory<byte> Body, int HeaderLength) Request(List<ReplayRow> batch)
    {
        using var data = new MemoryStream();
        using var head = new MemoryStream();
        using (var json = new Utf8JsonWriter(head))
        {
            json.WriteStartObject();
            json.WriteStartArray("inputs");
            for (var column = 0; column < plan.Model.Columns.Length; column++)
            {
                var definition = plan.Model.Columns[column];
                var before = data.Position;
                WriteColumn(data, batch, column, definition);
                json.WriteStartObject();
                json.WriteString("name", definition.Name);
                json.WriteString("datatype", definition.IsCategorical ? "BYTES" : "FP32");
                json.WriteStartArray("shape");
                json.WriteNumberValue(batch.Count);
                json.WriteNumberValue(1);
                json.WriteEndArray();
                json.WriteStartObject("parameters");
                json.WriteNumber("binary_data_size", data.Position - before);
                json.WriteEndObject();
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        var headerLength = (int)head.Length;
        data.WriteTo(head);
        return (head.ToArray(), headerLength);
    }

    private static void WriteColumn(MemoryStream data, List<ReplayRow> batch, int column, ColumnDefinition definition)
    {
        Span<byte> four = stackalloc byte[4];
        foreach (var row in batch)
        {
            if (!definition.IsCategorical)
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

    private string? Fill(ReadOnlyMemory<byte> body, List<ReplayRow> batch)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var outputs = document.RootElement.GetProperty("outputs").EnumerateArray().ToDictionary(output => output.GetProperty("name").GetString()!, Flatten);
            if (plan.Target.IsRegression ? !outputs.TryGetValue("variable", out var values) : !outputs.TryGetValue("probabilities", out values))
                return $"version 1 has the outputs {string.Join(", ", outputs.Keys)}; '{(plan.Target.IsRegression ? "variable" : "probabilities")}' is needed";
            var width = plan.Target.IsRegression ? 1 : 2;
            if (values.Count != width * batch.Count)
                return $"version 1 answered {values.Count} numbers for {batch.Count} rows, {width * batch.Count} are needed";
            for (var row = 0; row < batch.Count; row++)
                batch[row].Frozen = plan.Target.IsRegression ? values[row] : plan.Target.ClassAt(values[(2 * row) + 1]);
            return null;
        }
        catch (Exception fault) when (fault is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return $"the answer of version 1 cannot be read: {fault.Message}";
        }
    }

    private static List<double> Flatten(JsonElement output)
    {
        var numbers = new List<double>();
        if (output.GetProperty("datatype").GetString() is not "BYTES")
            Collect(output.GetProperty("data"), numbers);
        return numbers;

        static void Collect(JsonElement element, List<double> into)
        {
            if (element.ValueKind == JsonValueKind.Array)
            {
                foreach (var item in element.EnumerateArray())
                    Collect(item, into);
            }
            else if (element.ValueKind == JsonValueKind.Number)
            {
                into.Add(element.GetDouble());
            }
        }
    }
}

using System.Text.Json;
using OrleansMl.Cli.Http;

namespace OrleansMl.Cli.Replay;

/// <summary>
/// Asks version 1 about the vectors that were served later, over the Open Inference Protocol: the exported model takes one
/// tensor for each raw column, named like it (FP32 [n,1], NaN missing; BYTES [n,1], empty missing). Nothing is logged or
/// learned by that. Vectors without a missing number go as JSON, the others as binary data, because JSON has no NaN.
/// </summary>
internal sealed class FrozenScorer(ReplayPlan plan, ApiConnection connection)
{
    private const int BatchRows = 256;

    private readonly string _model = Uri.EscapeDataString(plan.Model.Name);
    private bool _loaded;

    /// <summary>Fills <see cref="ReplayRow.Frozen"/> of the rows, which have vectors.</summary>
    /// <returns>Why it could not be done for all; null when it was.</returns>
    public string? Score(IReadOnlyList<ReplayRow> rows, CancellationToken cancellationToken)
    {
        var incomplete = rows.Where(row => HasMissingNumber(row.Vector!)).ToHashSet();
        if (Score(rows.Where(row => !incomplete.Contains(row)), binary: false, cancellationToken) is { } fault)
            return fault;
        return Score(incomplete, binary: true, cancellationToken) is { } refusal
            ? $"{incomplete.Count} vector(s) have missing numbers, which travel only as binary tensors: {refusal}"
            : null;
    }

    private string? Score(IEnumerable<ReplayRow> rows, bool binary, CancellationToken cancellationToken)
    {
        foreach (var batch in rows.Chunk(BatchRows))
        {
            var (body, headers) = binary ? InferRequestBody.Binary(plan.Model.Columns, batch) : InferRequestBody.Json(plan.Model.Columns, batch);
            var answer = Infer(body, headers, cancellationToken);
            if (!answer.IsSuccess && !_loaded && (int)answer.Status is 404 or 409 or 503)
            {
                // Version 1 may have been drained long ago.
                _loaded = true;
                connection.Post($"/api/v1/models/{_model}/versions/1/load", default, null, cancellationToken);
                answer = Infer(body, headers, cancellationToken);
            }

            if (!answer.IsSuccess)
                return answer.Fault;
            if (Fill(answer.Body, batch) is { } fault)
                return fault;
        }

        return null;
    }

    private ApiAnswer Infer(ReadOnlyMemory<byte> body, BodyHeaders headers, CancellationToken cancellationToken) =>
        connection.Post($"/v2/models/{_model}/versions/1/infer", body, headers, cancellationToken);

    private bool HasMissingNumber(RawVector vector)
    {
        for (var column = 0; column < plan.Model.Columns.Length; column++)
        {
            if (!plan.Model.Columns[column].IsCategorical && float.IsNaN(vector.Numbers[column]))
                return true;
        }

        return false;
    }

    private string? Fill(ReadOnlyMemory<byte> body, ReplayRow[] batch)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var outputs = document.RootElement.GetProperty("outputs").EnumerateArray().ToDictionary(output => output.GetProperty("name").GetString()!, Flatten);
            if (plan.Target.IsRegression ? !outputs.TryGetValue("variable", out var values) : !outputs.TryGetValue("probabilities", out values))
                return $"version 1 has the outputs {string.Join(", ", outputs.Keys)}; '{(plan.Target.IsRegression ? "variable" : "probabilities")}' is needed";
            var width = plan.Target.IsRegression ? 1 : plan.Target.Classes.Count;
            if (values.Count != width * batch.Length)
                return $"version 1 answered {values.Count} numbers for {batch.Length} rows, {width * batch.Length} are needed";
            for (var row = 0; row < batch.Length; row++)
                batch[row].Frozen = width switch
                {
                    1 => values[row],
                    2 => plan.Target.ClassAt(values[(2 * row) + 1]),
                    _ => MostProbable(values, row * width, width),
                };
            return null;
        }
        catch (Exception fault) when (fault is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return $"the answer of version 1 cannot be read: {fault.Message}";
        }
    }

    private static int MostProbable(List<double> values, int start, int count)
    {
        var best = 0;
        for (var i = 1; i < count; i++)
            best = values[start + i] > values[start + best] ? i : best;
        return best;
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

using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using OrleansMl.Gateway.Errors;
using OrleansMl.Gateway.Json;
using OrleansMl.Gateway.Metrics;
using OrleansMl.Gateway.Routing;
using OrleansMl.Services;
using OrleansMl.Wire;

namespace OrleansMl.Gateway.Api;

/// <summary>POST /outcomes.</summary>
internal sealed class OutcomesOperations(IIngestService ingest, IOptions<GatewayOptions> options, GatewayInstruments instruments) : IOperationGroup
{
    public IEnumerable<Operation> Operations =>
    [
        new("POST", "/api/v1/outcomes", GatewayRoles.Label, PostAsync, "Record what came true.")
        {
            Request = [new(JsonAnswer.Json, "Outcome"), new(JsonAnswer.Ndjson, "Outcome")],
            Answers = [new(200, "At least one item is accepted or a duplicate.", "OutcomesResult")],
        },
    ];

    private async Task PostAsync(HttpContext context)
    {
        var isBatch = MediaTypes.IsBatch(context);
        BatchBody<IngestOutcome> batch;
        using (var body = await RequestBody.ReadAsync(context, options.Value.MaxBodyBytes).ConfigureAwait(false))
            batch = BatchBody<IngestOutcome>.Read(body.Span, isBatch, options.Value.MaxBatchItems, OutcomeJson.Read);

        var results = new List<(int Index, OutcomeStatus Status)>(batch.Items.Count);
        var duplicates = 0;
        if (batch.Items.Count > 0)
        {
            var items = await ingest.RecordOutcomesAsync(batch.Items, context.RequestAborted).ConfigureAwait(false);
            for (var i = 0; i < items.Length; i++)
            {
                var status = items[i].Status;
                instruments.Outcomes(NameOf(status), 1);
                if (status == OutcomeStatus.Rejected)
                {
                    batch.Faults.Add((items[i].Fault ?? new OmlFault("invalid", "The outcome is rejected.")) with { Index = batch.Indexes[i] });
                    continue;
                }

                if (status == OutcomeStatus.Duplicate)
                    duplicates++;
                results.Add((batch.Indexes[i], status));
            }
        }

        instruments.Outcomes("unreadable", batch.Count - batch.Items.Count);
        batch.Faults.Sort(static (a, b) => Nullable.Compare(a.Index, b.Index));
        if (results.Count == 0)
            throw BatchBody<IngestOutcome>.AllRejected(batch.Faults, batch.Count);
        await JsonAnswer.WriteAsync(context, 200, (results, duplicates, batch.Faults), Write).ConfigureAwait(false);
    }

    private static void Write(Utf8JsonWriter writer, (List<(int Index, OutcomeStatus Status)> Results, int Duplicates, List<OmlFault> Faults) answer)
    {
        writer.WriteStartObject();
        writer.WriteNumber("accepted"u8, answer.Results.Count - answer.Duplicates);
        writer.WriteNumber("duplicates"u8, answer.Duplicates);
        writer.WriteNumber("rejected"u8, answer.Faults.Count);
        ErrorWriter.WriteFaults(writer, CollectionsMarshal.AsSpan(answer.Faults));
        writer.WriteStartArray("results"u8);
        foreach (var (index, status) in answer.Results)
        {
            writer.WriteStartObject();
            writer.WriteNumber("index"u8, index);
            writer.WriteString("status"u8, NameOf(status));
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static string NameOf(OutcomeStatus status) => status switch
    {
        OutcomeStatus.Joined => "joined",
        OutcomeStatus.Early => "early",
        OutcomeStatus.Late => "late",
        OutcomeStatus.Orphan => "orphan",
        OutcomeStatus.Organic => "organic",
        OutcomeStatus.Corrected => "corrected",
        OutcomeStatus.Duplicate => "duplicate",
        OutcomeStatus.Kept => "kept",
        _ => "rejected",
    };
}

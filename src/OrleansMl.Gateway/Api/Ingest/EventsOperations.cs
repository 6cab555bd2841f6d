using System.Collections.Immutable;
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

/// <summary>POST /events.</summary>
internal sealed class EventsOperations(IIngestService ingest, IOptions<GatewayOptions> options, GatewayInstruments instruments) : IOperationGroup
{
    public IEnumerable<Operation> Operations =>
    [
        new("POST", "/api/v1/events", GatewayRoles.Ingest, PostAsync, "Append events; durable and visible to the next read once answered.")
        {
            Request = [new(JsonAnswer.Json, "Event"), new(JsonAnswer.Ndjson, "Event")],
            Answers = [new(200, "At least one item is accepted or a duplicate.", "IngestResult")],
        },
    ];

    private async Task PostAsync(HttpContext context)
    {
        var isBatch = MediaTypes.IsBatch(context);
        BatchBody<IngestEvent> batch;
        using (var body = await RequestBody.ReadAsync(context, options.Value.MaxBodyBytes).ConfigureAwait(false))
            batch = BatchBody<IngestEvent>.Read(body.Span, isBatch, options.Value.MaxBatchItems, EventJson.Read);

        int accepted = 0, duplicates = 0;
        long? sequence = null;
        if (batch.Items.Count > 0)
        {
            var result = await ingest.AppendEventsAsync(batch.Items, context.RequestAborted).ConfigureAwait(false);
            sequence = result.Sequence;
            for (var i = 0; i < result.Items.Length; i++)
            {
                var item = result.Items[i];
                switch (item.Status)
                {
                    case AppendStatus.Accepted:
                        accepted++;
                        break;
                    case AppendStatus.Duplicate:
                        duplicates++;
                        break;
                    default:
                        batch.Faults.Add((item.Fault ?? new OmlFault("invalid", "The event is rejected.")) with { Index = batch.Indexes[i] });
                        break;
                }
            }
        }

        instruments.Events("accepted", accepted);
        instruments.Events("duplicate", duplicates);
        instruments.Events("rejected", batch.Faults.Count);
        batch.Faults.Sort(static (a, b) => Nullable.Compare(a.Index, b.Index));
        if (accepted + duplicates == 0)
            throw BatchBody<IngestEvent>.AllRejected(batch.Faults, batch.Count);
        await JsonAnswer.WriteAsync(context, 200, (accepted, duplicates, batch.Faults, sequence), Write).ConfigureAwait(false);
    }

    private static void Write(Utf8JsonWriter writer, (int Accepted, int Duplicates, List<OmlFault> Faults, long? Sequence) result)
    {
        writer.WriteStartObject();
        writer.WriteNumber("accepted"u8, result.Accepted);
        writer.WriteNumber("duplicates"u8, result.Duplicates);
        writer.WriteNumber("rejected"u8, result.Faults.Count);
        ErrorWriter.WriteFaults(writer, CollectionsMarshal.AsSpan(result.Faults));
        if (result.Sequence is { } sequence)
            writer.WriteNumber("sequence"u8, sequence);
        writer.WriteEndObject();
    }
}

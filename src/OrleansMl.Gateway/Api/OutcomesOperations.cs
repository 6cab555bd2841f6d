using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using OrleansMl.Gateway.Errors;
using OrleansMl.Gateway.Json;
using OrleansMl.Gateway.Metrics;
using OrleansMl.Gateway.Routing;
using OrleansMl.Services;

namespace OrleansMl.Gateway.Api;

/// <summary>POST /outcomes.</summary>
internal sealed class OutcomesOperations(IIngestService ingest, IOptions<GatewayOptions> options, GatewayInstruments instruments) : IOperationGroup
{
    private static readonly MemberTable Members = new("id", "predictionId", "entity", "target", "subject", "time", "value", "source", "revision");

    public IEnumerable<Operation> Operations =>
    [
        new("POST", "/api/v1/outcomes", GatewayRoles.Label, PostAsync, "Record what came true.")
        {
            Request = [new(JsonAnswer.Json, "Outcome"), new(JsonAnswer.Ndjson, "Outcome")],
            Answers = [new(200, "At least one item is accepted or a duplicate.", "OutcomesResult")],
        },
    ];

    /// <summary>Reads one outcome.</summary>
    internal static IngestOutcome Read(ref StrictReader reader)
    {
        reader.ExpectObject("An outcome");
        ulong seen = 0;
        string? id = null, predictionId = null, target = null, subject = null, source = null;
        EntityId? entity = null;
        DateTime? time = null;
        Scalar value = default;
        var revision = 0;
        for (int member; (member = reader.NextMember(Members, ref seen)) >= 0;)
        {
            switch (member)
            {
                case 0:
                    id = BodyValues.ReadId(ref reader, "The outcome's id");
                    break;
                case 1:
                    predictionId = reader.IsNull ? null : BodyValues.ReadId(ref reader, "predictionId");
                    break;
                case 2:
                    entity = reader.IsNull ? null : BodyValues.ReadEntity(ref reader, "entity");
                    break;
                case 3:
                    target = reader.IsNull ? null : BodyValues.ReadName(ref reader, "target");
                    break;
                case 4:
                    subject = reader.IsNull ? null : BodyValues.ReadId(ref reader, "subject");
                    break;
                case 5:
                    time = BodyValues.ReadTimeOrNull(ref reader, "The outcome's time");
                    break;
                case 6:
                    value = reader.ReadScalar("value");
                    if (value.IsMissing)
                        throw reader.WrongType("value", "the class, the truth value or the number that came true");
                    break;
                case 7:
                    source = reader.IsNull ? null : BodyValues.ReadId(ref reader, "source");
                    break;
                default:
                    revision = (int)reader.ReadInt64("revision", 0, int.MaxValue);
                    break;
            }
        }

        if (id is null)
            throw reader.Missing("id", "an id that is unique for the entity");
        if (value.IsMissing)
            throw reader.Missing("value", "what came true");
        if (predictionId is null)
        {
            if (entity is null)
                throw reader.Missing(target is null ? "predictionId" : "entity", "predictionId, or entity and target");
            if (target is null)
                throw reader.Missing("target", "the name of the target beside entity");
        }
        else if (entity is not null || target is not null || subject is not null)
        {
            throw reader.Fault("invalid", "predictionId is given together with entity, target or subject; give predictionId alone, or the others without it.");
        }

        return new IngestOutcome(id, predictionId, entity, target, subject, time, value, source, revision);
    }

    private async Task PostAsync(HttpContext context)
    {
        var isBatch = MediaTypes.IsBatch(context);
        BatchBody<IngestOutcome> batch;
        using (var body = await RequestBody.ReadAsync(context, options.Value.MaxBodyBytes).ConfigureAwait(false))
            batch = BatchBody<IngestOutcome>.Read(body.Span, isBatch, options.Value.MaxBatchItems, Read);

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
        _ => "rejected",
    };
}

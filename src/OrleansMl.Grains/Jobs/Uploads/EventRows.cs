using System.Collections.Immutable;
using OrleansMl.Catalog;
using OrleansMl.Datasets;
using OrleansMl.Services;
using OrleansMl.Wire;

namespace OrleansMl.Jobs.Uploads;

/// <summary>Rows that are events: id?, type, entityType, entityId, time?, and a column for each field.</summary>
internal sealed class EventRows(IIngestService ingest, CatalogCache catalog, UploadParams parameters, string dataset, TimeSpan patience) : RowIntake<IngestEvent>(patience)
{
    private static readonly string[] s_reserved = ["id", "type", "entity", "entityType", "entityId", "time"];

    protected override ValueTask<Read> ReadAsync(NumberedRow row, CancellationToken cancellationToken)
    {
        var entity = RowValues.RequireEntity(row.Values, parameters.EntityType);
        var type = RowValues.Text(row.Values, "type") ?? parameters.EventType
            ?? throw new RowFaultException("missing_member", "The row does not say what happened; give the column type, or eventType with the upload.", "type");
        var declared = catalog.Current.Entities.TryGetValue(entity.Type, out var definition) && definition.Events.TryGetValue(type, out var known) ? known : null;
        var fields = ImmutableArray.CreateBuilder<NamedValue>();
        foreach (var (name, cell) in RowValues.Rest(row.Values, "fields", s_reserved))
        {
            if (RowValues.Field(declared?.Fields.GetValueOrDefault(name), name, cell) is { IsMissing: false } value)
                fields.Add(new NamedValue(name, value));
        }

        var item = new IngestEvent(RowValues.Id(row.Values, "id") ?? UploadRun.IdOf(dataset, row.Number), entity, type, RowValues.Time(row.Values, "time"), fields.DrainToImmutable());
        return ValueTask.FromResult(new Read(item));
    }

    protected override async Task<RowFate[]> ApplyAsync(IReadOnlyList<IngestEvent> items, CancellationToken cancellationToken) =>
    [
        .. (await ingest.AppendEventsAsync(items, cancellationToken)).Items.Select(item => item.Status switch
        {
            AppendStatus.Accepted => new RowFate(RowFate.Accepted, null),
            AppendStatus.Duplicate => new RowFate(RowFate.Duplicate, null),
            _ => RowFate.Of(item.Fault ?? new OmlFault("invalid", "The event is rejected.")),
        }),
    ];
}

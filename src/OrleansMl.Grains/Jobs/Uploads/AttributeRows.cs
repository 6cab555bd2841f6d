using System.Collections.Immutable;
using OrleansMl.Catalog;
using OrleansMl.Datasets;
using OrleansMl.Services;

namespace OrleansMl.Jobs.Uploads;

/// <summary>Rows that set attributes: id?, entityType, entityId, and a column for each. An empty cell of CSV says nothing; null in NDJSON removes.</summary>
internal sealed class AttributeRows(IIngestService ingest, CatalogCache catalog, UploadParams parameters, string format, string dataset, TimeSpan patience) : RowIntake<AttributeRows.Item>(patience)
{
    private static readonly string[] s_reserved = ["id", "entity", "entityType", "entityId"];

    protected override ValueTask<Read> ReadAsync(NumberedRow row, CancellationToken cancellationToken)
    {
        var entity = RowValues.RequireEntity(row.Values, parameters.EntityType);
        var declared = catalog.Current.Entities.TryGetValue(entity.Type, out var definition) ? definition.Attributes : null;
        var attributes = ImmutableArray.CreateBuilder<NamedValue>();
        foreach (var (name, cell) in RowValues.Rest(row.Values, "attributes", s_reserved))
        {
            if (cell.Kind != CellKind.Missing || format == DatasetFormats.Ndjson)
                attributes.Add(new NamedValue(name, RowValues.Field(declared?.GetValueOrDefault(name), name, cell)));
        }

        if (attributes.Count == 0)
            return ValueTask.FromResult(new Read(null));
        var id = RowValues.Id(row.Values, "id") ?? UploadRun.IdOf(dataset, row.Number);
        return ValueTask.FromResult(new Read(new Item(id, entity, attributes.DrainToImmutable())));
    }

    protected override async Task<RowFate[]> ApplyAsync(IReadOnlyList<Item> items, CancellationToken cancellationToken)
    {
        var fates = new RowFate[items.Count];
        await Task.WhenAll(Enumerable.Range(0, items.Count).GroupBy(i => items[i].Entity).Select(async group =>
        {
            foreach (var i in group)
                fates[i] = await SetAsync(items[i], cancellationToken);
        }));
        return fates;
    }

    private async Task<RowFate> SetAsync(Item item, CancellationToken cancellationToken)
    {
        var set = await ingest.SetAttributesAsync(item.Entity, item.Attributes, item.Id, cancellationToken);
        if (!set.TryGet(out var outcome, out var error))
            return RowFate.Of(error.Faults.IsDefaultOrEmpty ? new OmlFault(error.Code, error.Detail) : error.Faults[0]);
        return outcome.Status switch
        {
            AppendStatus.Accepted => new RowFate(RowFate.Accepted, null),
            AppendStatus.Duplicate => new RowFate(RowFate.Duplicate, null),
            _ => RowFate.Of(outcome.Fault ?? new OmlFault("invalid", "The attributes are rejected.")),
        };
    }

    internal sealed record Item(string Id, EntityId Entity, ImmutableArray<NamedValue> Attributes);
}

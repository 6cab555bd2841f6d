using OrleansMl.Catalog;
using OrleansMl.Datasets;
using OrleansMl.Declaration;
using OrleansMl.Services;
using OrleansMl.Storage;
using OrleansMl.Wire;

namespace OrleansMl.Jobs.Uploads;

/// <summary>
/// Rows that are outcomes: id?, predictionId or (entityType, entityId, target, subject?, time?), value, source?, revision?, reason?. Or
/// corrections: predictionId, and the right label in the column <c>truth</c> of an export that was edited, else in <c>label</c>; reason?.
/// </summary>
internal sealed class OutcomeRows(IIngestService ingest, CatalogCache catalog, IPredictionLog predictions, UploadParams parameters, string dataset, TimeSpan patience) : RowIntake<IngestOutcome>(patience)
{
    protected override ValueTask<Read> ReadAsync(NumberedRow row, CancellationToken cancellationToken) =>
        parameters.Kind == UploadKinds.Corrections ? ReadCorrectionAsync(row, cancellationToken) : ReadOutcomeAsync(row, cancellationToken);

    protected override async Task<RowFate[]> ApplyAsync(IReadOnlyList<IngestOutcome> items, CancellationToken cancellationToken)
    {
        var results = await ingest.RecordOutcomesAsync(items, cancellationToken);
        return
        [
            .. results.Select((result, i) => result.Status switch
            {
                OutcomeStatus.Rejected => RowFate.Of(result.Fault ?? new OmlFault("invalid", "The outcome is rejected.")),
                OutcomeStatus.Orphan => RowFate.Of(new OmlFault("orphan", $"There is no prediction '{items[i].PredictionId}'.") { Pointer = "/predictionId" }),
                var status => new RowFate(status.ToString().ToLowerInvariant(), null),
            }),
        ];
    }

    private async ValueTask<Read> ReadCorrectionAsync(NumberedRow row, CancellationToken cancellationToken)
    {
        var id = RowValues.Id(row.Values, "predictionId") ?? throw new RowFaultException("missing_member", "The row names no prediction; give its id in the column predictionId.", "predictionId");
        var isExport = row.Values.Has("truth");
        var column = isExport ? "truth" : "label";
        var cell = row.Values[column];
        var prediction = await predictions.FindAsync(id, cancellationToken);
        var target = prediction is null ? null : TargetOf(prediction.Model);

        // Of a file that was exported whole and edited here and there, only what was edited is a correction.
        if (isExport && cell.Kind == CellKind.Missing)
            return default;
        if (cell.Kind == CellKind.Missing)
            throw new RowFaultException("missing_member", "The row says no label; give the right one in the column label.", column);
        var value = RowValues.Label(target, column, cell);
        if (isExport && prediction?.Label is { } label && target?.ToLabel(value, out _) == label)
            return default;
        return new Read(new IngestOutcome(UploadRun.IdOf(dataset, row.Number), id, null, null, null, null, value, LabelSources.Correction, 0) { Reason = RowValues.Id(row.Values, "reason") });
    }

    private async ValueTask<Read> ReadOutcomeAsync(NumberedRow row, CancellationToken cancellationToken)
    {
        var values = row.Values;
        var id = RowValues.Id(values, "id") ?? UploadRun.IdOf(dataset, row.Number);
        var predictionId = RowValues.Id(values, "predictionId");
        var entity = predictionId is null ? RowValues.Entity(values, parameters.EntityType) : null;
        var targetName = predictionId is null ? RowValues.Text(values, "target") : null;
        if (predictionId is null && (entity is null || targetName is null))
            throw new RowFaultException("missing_member", "The row says neither predictionId, nor entityId and target; give one or the other.", entity is null ? "predictionId" : "target");
        var target = predictionId is not null
            ? await predictions.FindAsync(predictionId, cancellationToken) is { } prediction ? TargetOf(prediction.Model) : null
            : catalog.Current.Models.Values.FirstOrDefault(m => m.Target?.Name == targetName && m.Definition.Entity == entity!.Value.Type)?.Target;
        if (values["value"].Kind == CellKind.Missing)
            throw new RowFaultException("missing_member", "The row says no value; give what came true in the column value.", "value");
        return new Read(new IngestOutcome(
            id, predictionId, entity, targetName, predictionId is null ? RowValues.Id(values, "subject") : null, RowValues.Time(values, "time"),
            RowValues.Label(target, "value", values["value"]), RowValues.Id(values, "source"), RowValues.Revision(values))
        { Reason = RowValues.Id(values, "reason") });
    }

    private TargetDefinition? TargetOf(string model) => catalog.Current.Models.TryGetValue(model, out var compiled) ? compiled.Target : null;
}

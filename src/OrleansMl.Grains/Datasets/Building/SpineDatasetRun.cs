using System.Collections.Immutable;
using System.Globalization;
using OrleansMl.Jobs;
using OrleansMl.Jobs.Uploads;
using OrleansMl.Services;
using OrleansMl.Storage;

namespace OrleansMl.Datasets.Building;

/// <summary>
/// The rows of a spine, each with the features of its entity as they were known at its time: point in time, so that nothing of
/// what came later leaks into what is learned.
/// </summary>
internal sealed class SpineDatasetRun(IJobContext context, DatasetRecord spine, BuildParams parameters, ImmutableArray<string> features, IIngestService ingest, IDatasetStore datasets, JobOptions options)
    : DatasetRun(context, parameters.Format ?? spine.Format, parameters.Name, datasets, options)
{
    private readonly IDatasetStore _datasets = datasets;
    private readonly JobOptions _options = options;

    protected override string Step => "join";

    protected override double? Fraction => (double)At.Place.Offset / spine.Bytes;

    protected override ImmutableArray<string> Columns => [.. spine.Columns.Select(column => column.Name), .. features];

    protected override async IAsyncEnumerable<(IReadOnlyList<Cell[]> Rows, BuildCheckpoint After)> ReadAsync()
    {
        using var reader = await RowReader.OpenAsync(_datasets, spine, _options.MaxRowBytes, At.Place, At.Header, Context.Cancellation);
        for (var isEnd = false; !isEnd;)
        {
            var rows = await reader.NextAsync(_options.EntityRows, Context.Cancellation);
            isEnd = rows.Count < _options.EntityRows;
            yield return (await Task.WhenAll(rows.Select(JoinAsync)), At with { Place = reader.Place, Header = reader.Header });
        }
    }

    private async Task<Cell[]> JoinAsync(NumberedRow row)
    {
        EntityId entity;
        DateTime time;
        try
        {
            entity = RowValues.RequireEntity(row.Values, parameters.EntityType);
            time = RowValues.Time(row.Values, "time") ?? throw new RowFaultException("missing_member", "The row has no time; give the column time.", "time");
        }
        catch (RowFaultException exception)
        {
            throw Fault(row, exception.Message);
        }

        if (entity.Type != parameters.EntityType)
            throw Fault(row, $"Its entity is of type '{entity.Type}', and the features are of '{parameters.EntityType}'; make a data set for each type.");
        var read = await Patience.AskAsync(() => ingest.ReadFeaturesAsync(entity, new FeatureQuery(features, time), Context.Cancellation), _options.Patience, Context.Cancellation);
        return read.TryGet(out var reading, out var error)
            ? [.. spine.Columns.Select(column => row.Values[column.Name]), .. reading.Features.Select(feature => LogDatasetRun.ToCell(feature.Value))]
            : throw Fault(row, error.Detail);
    }

    private static JobErrorException Fault(NumberedRow row, string detail)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"Row {row.Number} (line {row.Line}) of the spine cannot be joined: {detail}");
        return new JobErrorException(new OmlError("row_failed", 422, text) { Faults = [new OmlFault("invalid_value", text) { Line = (int)Math.Min(row.Line, int.MaxValue) }] });
    }
}

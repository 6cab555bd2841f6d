using System.Collections.Immutable;
using OrleansMl.Catalog;
using OrleansMl.Evaluations;
using OrleansMl.Jobs;
using OrleansMl.Storage;
using OrleansMl.Wire;

namespace OrleansMl.Datasets.Building;

/// <summary>Logged predictions of a model with their truths: the vector as it was served, in the order in which they were predicted.</summary>
internal sealed class LogDatasetRun(IJobContext context, CompiledModel model, BuildParams parameters, DateTime? from, DateTime? to, IPredictionLog log, IDatasetStore datasets, JobOptions options)
    : DatasetRun(context, parameters.Format ?? DatasetFormats.Csv, parameters.Name, datasets, options)
{
    private readonly ImmutableArray<string> _features = FeaturesOf(model, parameters);

    protected override string Step => "read";

    /// <summary>How many predictions there are is not known before they are read.</summary>
    protected override double? Fraction => null;

    protected override ImmutableArray<string> Columns => ColumnsOf(model, parameters);

    /// <summary>Names of the columns in order.</summary>
    public static ImmutableArray<string> ColumnsOf(CompiledModel model, BuildParams parameters) =>
    [
        "predictionId", "time", "entityId", .. model.Definition.Candidates is null ? (IEnumerable<string>)[] : ["subject"],
        .. FeaturesOf(model, parameters), model.Target!.Name, "weight",
    ];

    protected override async IAsyncEnumerable<(IReadOnlyList<Cell[]> Rows, BuildCheckpoint After)> ReadAsync()
    {
        var (source, before) = (new LogRows(model, log, from, to, At.After), At.Skipped);
        int[] places = [.. _features.Select(name => model.Schema.IndexOf(name))];
        await foreach (var page in source.ReadAsync(Context.Cancellation))
        {
            var skipped = before.ToBuilder();
            foreach (var (why, count) in source.Skipped)
                skipped[why] = skipped.GetValueOrDefault(why) + count;
            yield return ([.. page.Select(row => ToRow(row, places))], At with { After = source.After, Skipped = skipped.ToImmutable() });
        }
    }

    private static ImmutableArray<string> FeaturesOf(CompiledModel model, BuildParams parameters) =>
        parameters.Features.IsEmpty ? [.. model.Definition.Columns.Select(column => column.Name)] : parameters.Features;

    private Cell[] ToRow(SourceRow row, int[] places)
    {
        var record = row.Record!;
        return
        [
            Cell.Of(record.PredictionId),
            Cell.Of(TimeOf(record.Time)),
            record.EntityKey.Length == 0 ? Cell.Missing : Cell.Of(EntityId.FromGrainKey(record.EntityKey).Id),
            .. model.Definition.Candidates is null ? (IEnumerable<Cell>)[] : [record.Subject.Length == 0 ? Cell.Missing : Cell.Of(record.Subject)],
            .. places.Select(place => ToCell(row.Vector[place])),
            ToCell(model.Target!.FromLabel(row.Label)),

            // What was drawn is weighted by the inverse of its probability: Horvitz and Thompson, JASA 1952.
            Cell.Of(record.Propensity is > 0 and { } propensity ? 1 / propensity : 1.0),
        ];
    }

    private static string TimeOf(DateTime time)
    {
        Span<char> text = stackalloc char[Rfc3339.MaxLength];
        return new string(text[..Rfc3339.Format(time, text)]);
    }

    internal static Cell ToCell(Scalar value) => value.Kind switch
    {
        ScalarKind.Number => Cell.Of(value.AsNumber()),
        ScalarKind.Bool => Cell.Of(value.AsNumber() != 0),
        ScalarKind.Text => Cell.Of(value.AsText()!),
        _ => Cell.Missing,
    };
}

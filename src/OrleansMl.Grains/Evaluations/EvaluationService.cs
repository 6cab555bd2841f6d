using System.Collections.Immutable;
using OrleansMl.Catalog;
using OrleansMl.Declaration;
using OrleansMl.Learning;
using OrleansMl.Predictions;
using OrleansMl.Services;
using OrleansMl.Storage;

namespace OrleansMl.Evaluations;

/// <inheritdoc cref="IEvaluationService"/>
internal sealed class EvaluationService(CatalogCache catalog, IControlService control, IPredictionLog predictions, VersionScorer scorer) : IEvaluationService
{
    private const int PageRows = 1000;

    public async Task<OmlResult<ModelQuality>> GetQualityAsync(string model, int last, CancellationToken cancellationToken)
    {
        await catalog.Loaded.WaitAsync(cancellationToken);
        if (!catalog.Current.Models.TryGetValue(model, out var compiled))
            return catalog.Current.UnknownModel(model);
        if (compiled.Target is not { } target)
            return OmlError.NotFound("no_target", $"Model '{model}' declares no target, so nothing says what is right.");
        var learner = compiled.Definition.Learner is null ? null : (await control.GetLearnerAsync(model, cancellationToken)).TryGet(out var status, out _) ? status : null;

        var records = await NewestAsync(compiled, last, cancellationToken);
        var baselines = new BaselineTimeline(target.ClassCount());
        var calibrations = new Calibrations(scorer, model);
        var rows = new List<EvaluatedRow>();
        foreach (var record in records.Where(r => r.Label is not null))
        {
            var said = baselines.Next(record.Created, record.LabelledAt ?? record.Created, record.Label!.Value);
            if (compiled.AnswerWidth > 1)
            {
                if (record.Version > 0 && ProbabilityCodec.Judge(record.Decision.Span, record.Label.Value) is { } answer)
                    rows.Add(new EvaluatedRow(record.Version, [], record.Label.Value, said, []) { Answers = [answer] });
            }
            else if (record is { Version: > 0, Score: { } score })
                rows.Add(new EvaluatedRow(record.Version, [await calibrations.ApplyAsync(record.Version, score, cancellationToken)], record.Label.Value, said, []));
        }

        var figures = new FigureTable(compiled, MetricSpec.Fitting(compiled), [], seed: 1).Compute(rows, [], cancellationToken);
        var reliability = target.Type != TargetType.Binary
            ? ImmutableSortedDictionary<int, ImmutableArray<ReliabilityBin>>.Empty
            : rows.GroupBy(row => row.Version).ToImmutableSortedDictionary(group => group.Key, group => ExpectedCalibrationError.EqualWidth(
                group.Select(row => row.Scores[0]).ToArray(), group.Select(row => row.Label).ToArray()));
        return new ModelQuality(model, learner, records.Count, States(records), [.. figures], reliability);
    }

    /// <summary>The newest records of the model's lineage, oldest first, without their bytes: only what the figures need stays.</summary>
    private async Task<List<PredictionRecord>> NewestAsync(CompiledModel model, int last, CancellationToken cancellationToken)
    {
        var records = new List<PredictionRecord>();
        var filter = new PredictionFilter { Model = model.Name, NewestFirst = true, Limit = Math.Min(PageRows, last) };
        while (records.Count < last)
        {
            var page = await predictions.ListAsync(filter, cancellationToken);
            records.AddRange(page.Where(r => r.Lineage == model.Lineage).Take(last - records.Count).Select(r => r with { Vector = default, Response = default, Decision = model.AnswerWidth > 1 ? r.Decision : default }));
            if (page.Count < filter.Limit)
                break;
            filter = filter with { After = page[^1].PredictionId };
        }

        records.Reverse();
        return records;
    }

    private static ImmutableSortedDictionary<string, int> States(List<PredictionRecord> records) =>
        Enum.GetValues<PredictionState>().ToImmutableSortedDictionary(state => state.ToString().ToLowerInvariant(), state => records.Count(r => r.State == state), StringComparer.Ordinal);
}

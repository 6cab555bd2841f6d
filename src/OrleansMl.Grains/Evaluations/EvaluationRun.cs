using System.Collections.Immutable;
using OrleansMl.Catalog;
using OrleansMl.Declaration;
using OrleansMl.Jobs;
using OrleansMl.Learning;
using OrleansMl.Predictions;

namespace OrleansMl.Evaluations;

/// <summary>
/// One evaluation: rows stream by, are scored where versions are to score them, and a bounded sample of them is kept for the
/// figures. A run that is cut off begins again: it changes nothing.
/// </summary>
internal sealed class EvaluationRun(CompiledModel model, EvaluationParams parameters, ImmutableArray<MetricSpec> metrics, ImmutableArray<int> versions, long seed, VersionScorer scorer)
{
    /// <summary>Rows, ranked answers and decisions that are kept, each; of more a uniform sample.</summary>
    public const int Capacity = 50_000;

    private readonly Sample<EvaluatedRow> _rows = new(Capacity, seed);
    private readonly RankedAnswers? _ranked = model.Definition.Candidates is not null && metrics.Any(m => m.IsRanked) ? new RankedAnswers(Capacity, seed) : null;
    private readonly int[] _slices = [.. parameters.Slices.Select(slice => model.Schema.IndexOf(slice.Column))];
    private readonly Calibrations _calibrations = new(scorer, model.Name);
    private readonly BaselineTimeline _baselines = new(model.Target!.ClassCount());

    /// <param name="source">The rows.</param>
    /// <param name="rescore">The versions score them; else as they were answered, by these versions (none: by any).</param>
    /// <param name="policy">Judged on the side; null: none is.</param>
    /// <param name="context">Of the job.</param>
    public async Task<OmlResult<EvaluationReport>> RunAsync(IRowSource source, bool rescore, OffPolicyRun? policy, IJobContext context)
    {
        long byPrior = 0;
        await foreach (var page in source.ReadAsync(context.Cancellation))
        {
            var scores = await ScoreAsync(page, rescore, context.Cancellation);
            if (!scores.TryGet(out var anew, out var error))
                return error;
            for (var i = 0; i < page.Count; i++)
            {
                var row = page[i];
                var baselines = _baselines.Next(row.Made, row.Known, row.Label);
                if (row.Record is { } record)
                {
                    _ranked?.Add(record, row.Label);
                    if (policy is not null && await policy.AddAsync(record, row.Label, context.Cancellation) is { } refused)
                        return refused;
                }

                var place = i;
                if (rescore && model.AnswerWidth > 1)
                    _rows.Add(new EvaluatedRow(0, [], row.Label, baselines, SlicesOf(row)) { Answers = [.. anew.Select(version => ClassAnswer.Of(version.AsSpan(place * model.AnswerWidth, model.AnswerWidth), row.Label))] });
                else if (rescore)
                    _rows.Add(new EvaluatedRow(0, [.. anew.Select(version => version[place])], row.Label, baselines, SlicesOf(row)));
                else if (row.Record is { Version: 0 } or { Score: null })
                    byPrior++;
                else if (!versions.IsEmpty && !versions.Contains(row.Record!.Version))
                    continue;
                else if (model.AnswerWidth == 1)
                    _rows.Add(new EvaluatedRow(row.Record!.Version, [await _calibrations.ApplyAsync(row.Record.Version, row.Record.Score.Value, context.Cancellation)], row.Label, baselines, SlicesOf(row)));
                else if (ProbabilityCodec.Judge(row.Record!.Decision.Span, row.Label) is { } answer)
                    _rows.Add(new EvaluatedRow(row.Record.Version, [], row.Label, baselines, SlicesOf(row)) { Answers = [answer] });
            }

            context.Report("read", source.Fraction * 0.5, ImmutableSortedDictionary<string, double>.Empty.Add("rows", _rows.Seen));
        }

        if (policy?.WhyNot() is { } why)
            return why;
        context.Report("figures", 0.5, ImmutableSortedDictionary<string, double>.Empty.Add("rows", _rows.Seen));
        var table = new FigureTable(model, metrics, parameters.Slices, seed);
        var figures = table.Compute(_rows.Items, rescore ? versions : [], context.Cancellation);
        if (_ranked is not null)
            figures.AddRange(table.Compute(_ranked.Whole.Items));
        return new EvaluationReport
        {
            Seen = _rows.Seen,
            Used = _rows.Items.Count,
            ByPrior = byPrior,
            Skipped = source.Skipped.ToImmutableSortedDictionary(StringComparer.Ordinal),
            Figures = [.. figures],
            Confusions = [.. table.Confusions(_rows.Items, rescore ? versions : [])],
            Policy = policy,
            Warnings = [.. source.Warnings, .. Warnings(policy)],
        };
    }

    private async Task<OmlResult<double[][]>> ScoreAsync(IReadOnlyList<SourceRow> page, bool rescore, CancellationToken cancellationToken)
    {
        if (!rescore)
            return Array.Empty<double[]>();
        var all = new double[versions.Length][];
        ImmutableArray<Scalar>[] vectors = [.. page.Select(row => row.Vector)];
        for (var i = 0; i < all.Length; i++)
        {
            if (!(await scorer.ScoreAsync(model, versions[i], vectors, cancellationToken)).TryGet(out var scores, out var error))
                return error;
            for (var row = 0; model.AnswerWidth == 1 && row < scores.Length; row++)
                scores[row] = await _calibrations.ApplyAsync(versions[i], scores[row], cancellationToken);
            all[i] = scores;
        }

        return all;
    }

    private Scalar[] SlicesOf(SourceRow row) => _slices.Length == 0 ? [] : Array.ConvertAll(_slices, column => row.Vector[column]);

    private IEnumerable<string> Warnings(OffPolicyRun? policy)
    {
        if (_rows.IsSampled)
            yield return FormattableString.Invariant($"{_rows.Seen} rows came; the figures are of a uniform sample of {_rows.Items.Count}.");
        if (policy is null)
            yield break;
        if (policy.Decisions.IsSampled)
            yield return FormattableString.Invariant($"{policy.Decisions.Seen} decisions came; the estimates are of a uniform sample of {policy.Decisions.Items.Count}.");
        if (policy.WithoutPropensity > 0)
            yield return FormattableString.Invariant($"{policy.WithoutPropensity} labelled predictions carry no propensity and count in no estimate of the policy.");
    }
}

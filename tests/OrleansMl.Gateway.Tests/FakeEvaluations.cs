using System.Collections.Immutable;
using OrleansMl.Evaluations;
using OrleansMl.Learning;

namespace OrleansMl.Gateway.Tests;

/// <summary>A quality as it may be, with what has no value.</summary>
internal sealed class FakeEvaluations : IEvaluationService
{
    public int Last { get; private set; }

    public Task<OmlResult<ModelQuality>> GetQualityAsync(string model, int last, CancellationToken cancellationToken)
    {
        Last = last;
        return Task.FromResult<OmlResult<ModelQuality>>(model == "nothing" ? OmlError.NotFound("unknown_model", "There is no model 'nothing'.") : new ModelQuality(
            model,
            Samples.Learner,
            3,
            ImmutableSortedDictionary<string, int>.Empty.Add("labelled", 2).Add("predicted", 1),
            [
                new EvaluationFigure(2, null, "accuracy", 0.5, 0.1, 0.9, 2, null),
                new EvaluationFigure(null, "prior", "roc_auc", null, null, null, 2, new EvaluationSlice("day", "1", true)),
            ],
            ImmutableSortedDictionary<int, ImmutableArray<ReliabilityBin>>.Empty.Add(2, [new ReliabilityBin(0, 1, 0, double.NaN, double.NaN)])));
    }
}

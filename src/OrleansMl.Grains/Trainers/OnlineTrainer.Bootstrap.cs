using OrleansMl.Learning;
using OrleansMl.Training;

namespace OrleansMl.Trainers;

/// <content>The first rows: they are collected, fit the pipeline and teach the learner that begins.</content>
internal sealed partial class OnlineTrainer
{
    private readonly List<(string PredictionId, Row Row, double Label)> _bootstrap = [];

    /// <summary>The bootstrap is over, and the version that it made is not champion yet.</summary>
    public bool AwaitsFirstVersion { get; private set; }

    /// <summary>Rows waiting for the bootstrap.</summary>
    public int BootstrapRows => _bootstrap.Count;

    /// <summary>Fits the pipeline on the collected rows and learns them, epoch by epoch, in order.</summary>
    /// <exception cref="PipelineException">The pipeline cannot be fitted on these rows.</exception>
    public void Bootstrap()
    {
        var definition = _model.Definition.Learner!;
        var pipeline = FittedPipeline.Fit(PipelineMapping.ToSpec(_model.Definition.Pipeline), _model.Schema, [.. _bootstrap.Select(b => b.Row)]);
        var learner = Begin(pipeline);
        var transformed = new TransformedRow(pipeline);
        for (var epoch = 0; epoch < definition.BootstrapEpochs; epoch++)
        {
            foreach (var (place, (_, row, label)) in _bootstrap.Index())
            {
                // Later passes have seen the label, and the first rows meet a learner that knows nothing.
                var x = Encode(transformed, row);
                if (epoch == 0 && 2 * place >= _bootstrap.Count && _pairs is not null && learner.PredictOne(x) is >= 0 and <= 1 and var predicted)
                    _pairs.Add(predicted, label);
                learner.LearnOne(x, label);
            }
        }

        // What the network and the first rows taught is what a head holds on to.
        (learner as IHeadLearner)?.Consolidate();
        (_pipeline, _transformed, _learner) = (pipeline, transformed, learner);
        AwaitsFirstVersion = true;
        _bootstrap.Clear();
        _bootstrap.TrimExcess();
    }

    /// <summary>Takes a row for the bootstrap; a corrected label takes the place of the wrong one, which nothing has learned yet.</summary>
    private void Collect(LabeledExample example, Row row)
    {
        var earlier = example.Correction ? _bootstrap.FindLastIndex(b => b.PredictionId == example.PredictionId) : -1;
        if (earlier >= 0)
            _bootstrap[earlier] = (example.PredictionId, row, example.Label);
        else
            _bootstrap.Add((example.PredictionId, row, example.Label));
    }
}

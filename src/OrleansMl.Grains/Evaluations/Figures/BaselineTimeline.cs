using OrleansMl.Learning;

namespace OrleansMl.Evaluations;

/// <summary>
/// What the baselines would have said when a prediction was made: they know the labels that had come by then, and no later
/// ones. Predictions go in in the order in which they were made.
/// </summary>
/// <param name="classes">0: labels are values.</param>
internal sealed class BaselineTimeline(int classes)
{
    private readonly PriorityQueue<double, (DateTime Known, long Order)> _coming = new();
    private readonly NoChangeBaseline _noChange = new();
    private readonly PriorBaseline _prior = new(binary: classes > 0);
    private readonly ClassPriorBaseline? _classPrior = classes > 2 ? new ClassPriorBaseline(classes) : null;
    private readonly MajorityBaseline _majority = new();
    private long _order;

    /// <param name="made">When the prediction was made.</param>
    /// <param name="known">When its label came.</param>
    /// <param name="label">Its label.</param>
    public BaselinePredictions Next(DateTime made, DateTime known, double label)
    {
        while (_coming.TryPeek(out var earlier, out var when) && when.Known <= made)
        {
            _coming.Dequeue();
            _noChange.Learn(earlier);
            _prior.Learn(earlier);
            _majority.Learn(earlier);
            _classPrior?.Learn(earlier);
        }

        _coming.Enqueue(label, (known, _order++));
        return new BaselinePredictions(_noChange.Predict(), _prior.Predict(), _majority.Predict()) { ClassPrior = _classPrior?.Answer(label) ?? default };
    }
}

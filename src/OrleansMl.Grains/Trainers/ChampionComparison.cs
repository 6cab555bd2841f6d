using System.Collections.Immutable;
using OrleansMl.Catalog;
using OrleansMl.Declaration;
using OrleansMl.Learning;

namespace OrleansMl.Trainers;

/// <summary>
/// A candidate beside the champion on the same rows, by the loss, the test, the level and the slices that a model declares.
/// </summary>
internal sealed class ChampionComparison
{
    /// <summary>
    /// Probabilities are limited to [0.01, 0.99] where the test needs a largest loss: the logarithmic one is then 4.61 at most.
    /// </summary>
    private const double BoundedProbability = 0.01;

    private readonly CompiledModel _model;
    private readonly PromotionDefinition? _promotion;
    private readonly PairedComparison _pairs;
    private readonly SliceNames _slices;
    private readonly string[] _names;

    /// <param name="model">Declares how to compare.</param>
    /// <param name="state">What was saved; null, or saved under another test or level: it begins anew.</param>
    public ChampionComparison(CompiledModel model, byte[]? state = null)
    {
        _model = model;
        _promotion = model.Definition.Promotion;
        Metric = MetricOf(model);
        _slices = new SliceNames(_promotion?.Slices ?? []);
        _names = new string[_slices.Count];
        var test = _promotion?.Test == "empirical_bernstein" ? SequentialTest.EmpiricalBernstein : SequentialTest.Asymptotic;
        var alpha = _promotion?.Alpha ?? 0.05;
        _pairs = state is not null && PairedComparison.Restore(state) is { } saved && saved.Test == test && saved.Alpha == alpha
            ? saved
            : new PairedComparison(test, alpha, Math.Max(2, MinOutcomes), Range());
    }

    public string Metric { get; }

    public long Count => _pairs.Count;

    public int MinOutcomes => _promotion?.MinOutcomes ?? 300;

    /// <summary>The candidate's loss is lower, at the level, on as many rows as are asked for.</summary>
    public bool IsBetter => _pairs.Count >= MinOutcomes && _pairs.Lower > 0;

    /// <summary>The candidate's loss is higher, at the level.</summary>
    public bool IsWorse => _pairs.Upper < 0;

    /// <summary>A slice in which the candidate is worse; null: there is none.</summary>
    public string? WorseSlice => _pairs.FirstWorse;

    /// <summary>The loss that a model's versions are compared by.</summary>
    public static string MetricOf(CompiledModel model) =>
        model.Definition.Promotion?.Metric ?? (model.Target!.ClassCount() > 0 ? "log_loss" : "squared_error");

    /// <summary>Loss of one prediction.</summary>
    public static double Loss(string metric, double prediction, double label) => metric switch
    {
        "log_loss" => Losses.LogLoss(prediction, label),
        "accuracy" => 1 - Losses.Correct(prediction, label),
        "absolute_error" => Losses.AbsoluteError(prediction, label),
        _ => Losses.SquaredError(prediction, label),
    };

    /// <summary>Loss of one answer of more than two classes.</summary>
    public static double Loss(string metric, in ClassAnswer answer, double label) => metric switch
    {
        "log_loss" => answer.LogLoss,
        "accuracy" => 1 - answer.Correct(label),
        _ => throw new ArgumentException($"{metric} does not measure answers of classes.", nameof(metric)),
    };

    /// <summary>Loss of what was served.</summary>
    public static double ServedLoss(string metric, LabeledExample example) => example.ServedClasses is { } served
        ? Loss(metric, served, example.Label)
        : Loss(metric, example.ServedScore!.Value, example.Label);

    /// <summary>Takes what both have answered for one row.</summary>
    public void Add(LabeledExample example, double champion, double candidate) =>
        Add(example, LossOf(champion, example.Label) - LossOf(candidate, example.Label));

    /// <summary>The same of more than two classes.</summary>
    public void Add(LabeledExample example, in ClassAnswer champion, in ClassAnswer candidate) =>
        Add(example, LossOf(champion, example.Label) - LossOf(candidate, example.Label));

    /// <summary>Takes what one has served for a row, and the other would have.</summary>
    /// <param name="example">With what was served.</param>
    /// <param name="other">The other's answer: one number, or a probability for each class.</param>
    /// <param name="isCandidate">The candidate has served.</param>
    public void AddServed(LabeledExample example, ReadOnlySpan<double> other, bool isCandidate)
    {
        var served = example.ServedClasses is { } classes ? LossOf(classes, example.Label) : LossOf(example.ServedScore!.Value, example.Label);
        var loss = other.Length == 1 ? LossOf(other[0], example.Label) : LossOf(ClassAnswer.Of(other, example.Label), example.Label);
        Add(example, isCandidate ? loss - served : served - loss);
    }

    /// <summary>As it stands; null before the first row.</summary>
    public PromotionEvidence? Evidence() => _pairs.Count == 0
        ? null
        : new PromotionEvidence(
            _pairs.Test == SequentialTest.EmpiricalBernstein ? "empirical_bernstein" : "confidence_sequence",
            Metric, _pairs.Count, _pairs.Mean, Finite(_pairs.Lower), Finite(_pairs.Upper), _pairs.Alpha)
        {
            Slices = [.. _pairs.Slices.Select(s => new SliceEvidence(s.Name, s.Count, s.Mean, Finite(s.Lower), Finite(s.Upper), s.IsWorse ? "worse" : s.IsBetter ? "better" : "open"))],
            DroppedSlices = _pairs.Dropped,
        };

    public byte[] Save() => _pairs.Save();

    private void Add(LabeledExample example, double gain)
    {
        _slices.Fill(example, _names);
        _pairs.Add(gain, _names);
    }

    private double LossOf(in ClassAnswer answer, double label) => _pairs.Test == SequentialTest.EmpiricalBernstein && Metric == "log_loss"
        ? Losses.LogLoss(Math.Clamp(answer.OfTruth, BoundedProbability, 1 - BoundedProbability), 1)
        : Loss(Metric, answer, label);

    private double LossOf(double prediction, double label) => _pairs.Test == SequentialTest.EmpiricalBernstein && Metric == "log_loss"
        ? Loss(Metric, Math.Clamp(prediction, BoundedProbability, 1 - BoundedProbability), label)
        : Loss(Metric, prediction, label);

    /// <summary>Largest difference of two losses of the declared test; the asymptotic one has none.</summary>
    private double Range() => Metric == "log_loss" ? -Math.Log(BoundedProbability) : 1;

    private static double Finite(double value) => double.IsFinite(value) ? value : Math.CopySign(double.MaxValue, value);
}

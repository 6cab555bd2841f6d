using System.Globalization;
using OrleansMl.Learning;
using OrleansMl.Retraining;
using OrleansMl.Training;

namespace OrleansMl.Jobs.FineTune;

/// <summary>
/// A network and its child on rows that neither learned from: whether the child is better on those of the data set, and whether it still knows what was known before.
/// The rows are looked at once, so that both are tests of a fixed sample.
/// </summary>
/// <param name="Parent">On held-out rows of the data set.</param>
/// <param name="Child">On the same.</param>
/// <param name="Evidence">The paired difference of their losses; null: there is one row.</param>
/// <param name="ParentBefore">On held-out rows of before; null: there are none.</param>
/// <param name="ChildBefore">On the same.</param>
/// <param name="Kept">The paired difference of being right, or of the squared error as a share of the parent's; null: there are no rows of before, or one.</param>
internal sealed record HeadComparison(HeadFigures Parent, HeadFigures Child, PromotionEvidence? Evidence, HeadFigures? ParentBefore, HeadFigures? ChildBefore, PromotionEvidence? Kept)
{
    /// <summary>Compares what both have answered.</summary>
    /// <param name="held">The rows of the data set, as <see cref="HeldOutAnswers"/>.</param>
    /// <param name="before">Those of before; null: there are none.</param>
    /// <param name="alpha">Level of both tests.</param>
    public static HeadComparison Of(NumberTable held, NumberTable? before, double alpha)
    {
        var metric = held.Find(HeldOutAnswers.ParentRight) is null ? "squared_error" : "log_loss";
        return new HeadComparison(
            HeadFigures.OfParent(held),
            HeadFigures.OfChild(held),
            Test(metric, Difference(held, HeldOutAnswers.ParentLoss, HeldOutAnswers.ChildLoss), alpha),
            before is null ? null : HeadFigures.OfParent(before),
            before is null ? null : HeadFigures.OfChild(before),
            before is null ? null : KeptOf(before, alpha));
    }

    /// <summary>Why the child is not good enough; null: it is.</summary>
    /// <param name="parent">Number of the network's version.</param>
    /// <param name="needed">Rows of a test, at least.</param>
    /// <param name="delta">What may be lost on rows of before.</param>
    public string? WhyNot(int parent, int needed, double delta)
    {
        if (Evidence is null || Evidence.N < needed)
            return Text($"{Parent.Rows} rows were held out, and {needed} are needed: give more rows, or hold out more of them");
        if (HeldOutTest.WhyNotBetter(Evidence, parent) is { } why)
            return why;
        if (ParentBefore is null)
            return null;
        if (Kept is null || Kept.N < needed)
            return Text($"{ParentBefore.Rows} rows of before were held out, and {needed} are needed: give a greater rehearsal, or hold out more of it");
        return Kept.Lower >= -delta
            ? null
            : Text($"it may have lost what version {parent} knew: the mean difference of {Kept.Metric} on {Kept.N} held-out rows of before is {Kept.Estimate:G4}, at the level {Kept.Alpha:G3} in [{Kept.Lower:G4}, {Kept.Upper:G4}], and {delta:G4} may be lost. Remember more rows, learn fewer epochs, hold out more, or raise delta");
    }

    public IEnumerable<(string Name, double Value)> Metrics()
    {
        foreach (var (name, figures) in new[] { ("base", Parent), ("new", Child), ("base.old", ParentBefore), ("new.old", ChildBefore) })
        {
            if (figures is null)
                continue;
            yield return (figures.Accuracy is null ? $"{name}.squaredError" : $"{name}.logLoss", figures.Loss);
            if (figures.Accuracy is { } accuracy)
                yield return ($"{name}.accuracy", accuracy);
        }
    }

    private static PromotionEvidence? KeptOf(NumberTable before, double alpha)
    {
        if (before.Find(HeldOutAnswers.ParentRight) is not null)
            return Test("accuracy", Difference(before, HeldOutAnswers.ChildRight, HeldOutAnswers.ParentRight), alpha);
        var was = Math.Max(before[HeldOutAnswers.ParentLoss].Average(), 1e-12);
        return Test("relative_squared_error", Array.ConvertAll(Difference(before, HeldOutAnswers.ParentLoss, HeldOutAnswers.ChildLoss), difference => difference / was), alpha);
    }

    private static double[] Difference(NumberTable held, string one, string other) => [.. held[one].Zip(held[other], static (a, b) => a - b)];

    private static PromotionEvidence? Test(string metric, double[] differences, double alpha) =>
        differences.Length < 2 ? null : HeldOutTest.Of(metric, differences, alpha);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

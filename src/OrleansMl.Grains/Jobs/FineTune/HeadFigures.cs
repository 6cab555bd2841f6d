using OrleansMl.Training;

namespace OrleansMl.Jobs.FineTune;

/// <summary>What a network is worth on held-out rows, as its file answers them.</summary>
/// <param name="Rows">Judged.</param>
/// <param name="Accuracy">Share of right classes; null: a value is learned.</param>
/// <param name="Loss">Mean log loss, or squared error.</param>
internal sealed record HeadFigures(int Rows, double? Accuracy, double Loss)
{
    public static HeadFigures OfParent(NumberTable held) => Of(held, HeldOutAnswers.ParentLoss, HeldOutAnswers.ParentRight);

    public static HeadFigures OfChild(NumberTable held) => Of(held, HeldOutAnswers.ChildLoss, HeldOutAnswers.ChildRight);

    private static HeadFigures Of(NumberTable held, string loss, string right) => new(held.Count, held.Find(right)?.Average(), held[loss].Average());
}

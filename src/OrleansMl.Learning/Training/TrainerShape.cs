using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>What a trainer's rows hold.</summary>
/// <param name="Learner">Counts of features and classes.</param>
/// <param name="Categories">[D]: of a dense feature that holds codes 0 … n−1 of categories, n; of one that holds a number, 0. Empty: all hold numbers.</param>
public readonly record struct TrainerShape(LearnerShape Learner, ImmutableArray<int> Categories)
{
    /// <summary>0: the dense feature is a number; else the count of its categories.</summary>
    public int CategoriesOf(int feature) => Categories.IsDefaultOrEmpty ? 0 : Categories[feature];
}

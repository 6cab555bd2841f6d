using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>Makes trainers by type and parameters as application files and jobs give them: those that fit in batch, and every learner in epochs.</summary>
public static class TrainerFactory
{
    /// <summary>Types that can be made.</summary>
    public static ImmutableArray<TrainerKind> Kinds { get; } = [LbfgsTrainer.Kind, AlternatingTrainer.Kind, BoostedTreesTrainer.Kind, .. LearnerFactory.Kinds.Select(EpochTrainer.KindOf)];

    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> Types { get; } = [.. Kinds.Select(kind => kind.Name)];

    /// <summary>The type of a name; null when there is none.</summary>
    public static TrainerKind? Find(string type) => Kinds.FirstOrDefault(kind => kind.Name == type);

    /// <summary>Makes a trainer.</summary>
    /// <param name="type">One of <see cref="Types"/>.</param>
    /// <param name="parameters">As <see cref="TrainerKind.Parameters"/> describes them.</param>
    /// <param name="shape">What its rows hold.</param>
    /// <param name="seed">For what is drawn.</param>
    /// <param name="threads">≥ 1; a trainer that sums in parallel gives the same model for the same count.</param>
    /// <exception cref="LearnerException">An unknown type or parameter, a value out of range, or a target that the type does not learn.</exception>
    public static ITrainer Create(string type, IReadOnlyDictionary<string, object>? parameters, in TrainerShape shape, long seed, int threads = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        var kind = Find(type) ?? throw new LearnerException($"There is no trainer '{type}' (available: {string.Join(", ", Types)}).");
        shape.Learner.Check();
        var classes = shape.Learner.Classes;
        if (!kind.Learns(classes))
            throw new LearnerException($"{type} does not learn {(classes == 0 ? "values" : $"{classes} classes")}; these do: {string.Join(", ", Kinds.Where(other => other.Learns(classes)).Select(other => other.Name))}.");
        return kind.Make(shape, ParameterSet.Read(type, kind.Parameters(classes, parameters), parameters), seed, threads);
    }
}

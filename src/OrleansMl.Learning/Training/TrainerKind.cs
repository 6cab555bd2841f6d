using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>A type of trainer: what it is for and what can be set.</summary>
public sealed class TrainerKind
{
    private readonly Func<int, IReadOnlyDictionary<string, object>?, ImmutableArray<LearnerParameter>> _parameters;

    internal TrainerKind(string name, string about, LearnerTargets targets, Func<int, ImmutableArray<LearnerParameter>> parameters, TrainerMaker make)
        : this(name, about, targets, (classes, _) => parameters(classes), make)
    {
    }

    internal TrainerKind(string name, string about, LearnerTargets targets, Func<int, IReadOnlyDictionary<string, object>?, ImmutableArray<LearnerParameter>> parameters, TrainerMaker make)
        => (Name, About, Targets, _parameters, Make) = (name, about, targets, parameters, make);

    internal delegate ITrainer TrainerMaker(in TrainerShape shape, ParameterSet parameters, long seed, int threads);

    /// <summary>Name in application files and jobs.</summary>
    public string Name { get; }

    /// <summary>What it is, in one line.</summary>
    public string About { get; }

    /// <summary>What it can learn.</summary>
    public LearnerTargets Targets { get; }

    /// <summary>It tells missing numbers (NaN) and categories (codes) apart itself; other trainers take numbers alone.</summary>
    public bool TakesMissing { get; internal init; }

    /// <summary>It learns from hashed features too; other trainers from dense ones alone.</summary>
    public bool TakesHashed { get; internal init; } = true;

    /// <summary>It learns from two hashed features, the user and the item, and nothing else.</summary>
    public bool TakesPair { get; internal init; }

    internal TrainerMaker Make { get; }

    /// <summary>What can be set, for a value (0 classes) or for classes; those of bagging depend on its <c>base</c>.</summary>
    /// <param name="classes">0 or at least 2.</param>
    /// <param name="given">What was set, if anything.</param>
    public ImmutableArray<LearnerParameter> Parameters(int classes, IReadOnlyDictionary<string, object>? given = null) => _parameters(classes, given);

    /// <summary>Refuses parameters as <see cref="TrainerFactory.Create"/> would, before there are rows.</summary>
    /// <exception cref="LearnerException">An unknown parameter, or a value that is not admitted.</exception>
    public void CheckParameters(int classes, IReadOnlyDictionary<string, object>? given) => ParameterSet.Read(Name, Parameters(classes), given);

    /// <summary>It learns such a target.</summary>
    public bool Learns(int classes) => Targets.HasFlag(classes switch
    {
        0 => LearnerTargets.Regression,
        2 => LearnerTargets.Binary,
        _ => LearnerTargets.Multiclass,
    });
}

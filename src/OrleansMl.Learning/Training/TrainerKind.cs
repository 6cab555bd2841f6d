using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>A type of trainer: what it is for and what can be set.</summary>
public sealed class TrainerKind
{
    private readonly Func<int, ImmutableArray<LearnerParameter>> _parameters;

    internal TrainerKind(string name, string about, LearnerTargets targets, Func<int, ImmutableArray<LearnerParameter>> parameters, TrainerMaker make)
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

    internal TrainerMaker Make { get; }

    /// <summary>What can be set, for a value (0 classes) or for classes.</summary>
    public ImmutableArray<LearnerParameter> Parameters(int classes) => _parameters(classes);

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

using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>A type of learner: what it is for and what can be set.</summary>
public sealed class LearnerKind
{
    private readonly Func<int, ImmutableArray<LearnerParameter>> _parameters;

    internal LearnerKind(string name, string about, LearnerTargets targets, Func<int, ImmutableArray<LearnerParameter>> parameters, LearnerMaker make)
        => (Name, About, Targets, _parameters, Make) = (name, about, targets, parameters, make);

    internal delegate ILearner LearnerMaker(in LearnerShape shape, ParameterSet parameters, long seed);

    /// <summary>Name in application files.</summary>
    public string Name { get; }

    /// <summary>What it is, in one line.</summary>
    public string About { get; }

    /// <summary>What it can learn.</summary>
    public LearnerTargets Targets { get; }

    internal LearnerMaker Make { get; }

    /// <summary>What can be set, for a value (0 classes) or for classes; those of bagging depend on its <c>base</c>.</summary>
    /// <param name="classes">0 or at least 2.</param>
    /// <param name="given">What was set, if anything.</param>
    public ImmutableArray<LearnerParameter> Parameters(int classes, IReadOnlyDictionary<string, object>? given = null)
    {
        var own = _parameters(classes);
        if (Name != BaggingLearner.Name)
            return own;
        var member = LearnerFactory.Find(given?.GetValueOrDefault("base") as string ?? (string)own[0].Default!);
        return member is null || member == this ? own : [.. own, .. member.Parameters(classes)];
    }

    /// <summary>It learns such a target.</summary>
    public bool Learns(int classes) => Targets.HasFlag(classes switch
    {
        0 => LearnerTargets.Regression,
        2 => LearnerTargets.Binary,
        _ => LearnerTargets.Multiclass,
    });
}

using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>A type of detector that watches a stream without a reference sample: what can be set, and what it takes.</summary>
public sealed class DriftDetectorKind
{
    private readonly Func<ParameterSet, int, IDriftDetector> _make;

    internal DriftDetectorKind(string name, bool takesErrors, bool hasLevel, ImmutableArray<LearnerParameter> parameters, Func<ParameterSet, int, IDriftDetector> make)
        => (Name, TakesErrors, HasLevel, Parameters, _make) = (name, takesErrors, hasLevel, parameters, make);

    /// <summary>Name in application files.</summary>
    public string Name { get; }

    /// <summary>It takes 0 (right) and 1 (wrong), and nothing else.</summary>
    public bool TakesErrors { get; }

    /// <summary>One of its parameters is a probability of false alarms, so that many such detectors can share one.</summary>
    public bool HasLevel { get; }

    /// <summary>What can be set.</summary>
    public ImmutableArray<LearnerParameter> Parameters { get; }

    /// <summary>A detector of this type.</summary>
    /// <param name="parameters">Values by name; null: all by default.</param>
    /// <param name="tests">Detectors that share the probability of a false alarm (Bonferroni), ≥ 1.</param>
    /// <exception cref="LearnerException">An unknown parameter, a value that is not admitted, or no probability to share.</exception>
    public IDriftDetector Create(IReadOnlyDictionary<string, object>? parameters = null, int tests = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(tests, 1);
        if (tests > 1 && !HasLevel)
            throw new LearnerException($"{Name} has no probability of false alarms that {tests} detectors could share.");
        var values = ParameterSet.Read(Name, Parameters, parameters);
        try
        {
            return _make(values, tests);
        }
        catch (ArgumentOutOfRangeException exception)
        {
            // Parameters that are admitted one by one and do not go together.
            throw new LearnerException($"The parameters of {Name} do not go together: {exception.Message}", exception);
        }
    }
}

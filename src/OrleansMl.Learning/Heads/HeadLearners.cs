namespace OrleansMl.Learning;

/// <summary>Makes learners of heads that begin with the weights of a network.</summary>
public static class HeadLearners
{
    /// <summary>Name of the type in application files and jobs.</summary>
    public const string Type = "head";

    /// <param name="start">The network's own head.</param>
    /// <param name="parameters">As those of the learner <c>head</c>.</param>
    /// <param name="seed">For what the reservoir draws.</param>
    /// <exception cref="LearnerException">An unknown parameter, or a value out of range.</exception>
    public static IHeadLearner Start(HeadModel start, IReadOnlyDictionary<string, object>? parameters, long seed)
    {
        var shape = new LearnerShape(start.DenseCount, 0, 0, start.Classes);
        shape.Check();
        return new HeadLearner(shape, ParameterSet.Read(Type, HeadLearner.Parameters(shape.Classes), parameters), seed, start);
    }
}

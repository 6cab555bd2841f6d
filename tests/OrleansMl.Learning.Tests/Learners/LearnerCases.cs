namespace OrleansMl.Learning.Tests.Learners;

/// <summary>Every type with every target that it learns, by default; and the configurations that take another path.</summary>
internal static class LearnerCases
{
    private static readonly (string Type, string Parameter, object Value)[] _variants =
    [
        ("logistic_regression", "adaptive", false),
        ("logistic_regression", "normalized", false),
        ("logistic_regression", "l2", 0.001),
        ("linear_regression", "invariant", false),
        ("linear_regression", "clipToLabelRange", false),
        ("sgd", "interceptRate", 0.01),
        ("sgd", "l2", 0.001),
        ("sgd", "clipGradient", 0.5),
        ("adagrad", "interceptRate", 0.05),
        ("adam", "interceptRate", 0.01),
        ("ftrl", "variant", "lagged"),
        ("ftrl", "l1", 0.5),
        ("passive_aggressive", "variant", "pa"),
        ("passive_aggressive", "variant", "pa2"),
        ("passive_aggressive", "intercept", false),
        ("softmax", "optimizer", "adagrad"),
        ("softmax", "optimizer", "adam"),
        ("softmax", "interceptRate", 0.05),
        ("naive_bayes", "priorSmoothing", 0.0),
        ("hoeffding_tree", "gracePeriod", 25.0),
        ("hoeffding_tree", "leafPrediction", "majority"),
        ("hoeffding_tree", "leafPrediction", "bayes"),
        ("hoeffding_tree", "maxLeaves", 2.0),
        ("factorization_machine", "optimizer", "sgd"),
        ("factorization_machine", "factors", 1.0),
        ("matrix_factorization", "factors", 0.0),
        ("matrix_factorization", "l2Factors", 0.001),
        ("head", "momentum", 0.5),
        ("head", "reservoir", 20.0),
        ("head", "replay", 0.0),
        ("head", "replay", 3.0),
        ("head", "balanced", true),
        .. LearnerFactory.Types.Where(type => type is not ("bagging" or "head")).Select(type => ("bagging", "base", (object)type)),
    ];

    public static IReadOnlyDictionary<string, LearnerCase> All { get; } = Cases().DistinctBy(one => one.Name).ToDictionary(one => one.Name);

    public static TheoryData<string> Names => [.. All.Keys];

    /// <summary>Cases of these targets.</summary>
    public static TheoryData<string> Of(Func<LearnerCase, bool> which) => [.. All.Values.Where(which).Select(one => one.Name)];

    private static IEnumerable<LearnerCase> Cases()
    {
        foreach (var kind in LearnerFactory.Kinds)
        {
            foreach (var classes in new[] { 0, 2, 3 }.Where(kind.Learns))
            {
                yield return new LearnerCase(kind.Name, classes, Base(kind.Name, classes));
                foreach (var (_, parameter, value) in _variants.Where(variant => variant.Type == kind.Name && Applies(kind, variant.Parameter, variant.Value, classes)))
                    yield return new LearnerCase(kind.Name, classes, new(Base(kind.Name, classes)) { [parameter] = value });
            }
        }
    }

    private static bool Applies(LearnerKind kind, string parameter, object value, int classes)
        => parameter == "base" ? LearnerFactory.Find((string)value)!.Learns(classes) : kind.Parameters(classes).Any(known => known.Name == parameter);

    /// <summary>Few members of a type that learns the target, trees that grow early, steps that do not run away: so that the suite stays quick.</summary>
    private static Dictionary<string, object> Base(string type, int classes) => type switch
    {
        "bagging" => new() { ["models"] = 3.0, ["base"] = classes == 0 ? "sgd" : "hoeffding_tree" },
        "hoeffding_tree" => new() { ["gracePeriod"] = 50.0, ["tau"] = 0.2 },
        "factorization_machine" => new() { ["learningRate"] = 0.02 },
        "head" => new() { ["learningRate"] = classes == 0 ? 0.01 : 0.05 },
        _ => [],
    };
}

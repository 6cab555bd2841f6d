using OrleansMl.Learning.Tests.Learners;

namespace OrleansMl.Learning.Tests.Training;

/// <summary>A trainer with a target, and rows that it can learn.</summary>
internal sealed class TrainerCase
{
    private readonly LearnerCase _case;

    private TrainerCase(TrainerKind kind, int classes) => (Kind, Classes, _case) = (kind, classes, new LearnerCase(kind.Name, classes, []));

    /// <summary>Every kind with every target that it learns: a new kind is covered by being one.</summary>
    public static IReadOnlyDictionary<string, TrainerCase> All { get; } = TrainerFactory.Kinds
        .SelectMany(kind => new[] { 0, 2, 3 }.Where(kind.Learns).Select(classes => new TrainerCase(kind, classes)))
        .ToDictionary(one => one.Name);

    public TrainerKind Kind { get; }

    /// <summary>0: a value.</summary>
    public int Classes { get; }

    public string Name => $"{Kind.Name}, {(Classes == 0 ? "value" : $"{Classes} classes")}";

    public TrainerShape Shape => new(IsDenseOnly ? new LearnerShape(_case.Shape.DenseCount + 2, 0, 0, Classes) : _case.Shape, []);

    private bool IsDenseOnly => !Kind.TakesHashed;

    public ITrainer Make(long seed = 1, int threads = 1) => TrainerFactory.Create(Kind.Name, Parameters(), Shape, seed, threads);

    /// <summary>Equal seeds give equal rows.</summary>
    public TrainingRows Rows(int seed, int count, Func<double, double>? weight = null)
    {
        var stream = _case.Stream(seed, count);
        return new TrainingRows(
            count,
            [.. stream.SelectMany(example => IsDenseOnly ? [.. example.Dense, .. Numbers(example)] : example.Dense)],
            IsDenseOnly ? [] : [.. stream.SelectMany(example => example.Indices)],
            IsDenseOnly ? [] : [.. stream.SelectMany(example => example.Values)],
            [.. stream.Select(example => example.Label)],
            weight is null ? null : [.. stream.Select(example => weight(example.Label))]);
    }

    /// <summary>Several passes for what learns in passes, steps that do not run away, few enough trees that not all is known, and a variant that weights reach.</summary>
    private Dictionary<string, object> Parameters()
    {
        var parameters = new Dictionary<string, object>();
        if (Kind.Parameters(Classes).Any(known => known.Name == "epochs"))
            parameters["epochs"] = 3.0;
        if (Kind.Name == "bagging")
            (parameters["base"], parameters["models"]) = (Classes == 0 ? "linear_regression" : "naive_bayes", 3.0);
        if (Kind.Name == "gradient_boosted_trees")
            parameters["iterations"] = 10.0;
        if (Kind.Name == "hoeffding_tree")
            parameters["gracePeriod"] = 50.0;
        if (Kind.Name == "sgd")
            parameters["learningRate"] = 0.002;
        if (Kind.Name == "passive_aggressive")
            parameters["variant"] = "pa2";
        if (Kind.Name == "factorization_machine")
            parameters["learningRate"] = 0.02;
        return parameters;
    }

    /// <summary>What hashed features say, as numbers.</summary>
    private static IEnumerable<double> Numbers(Example example) => example.Indices.Select((place, i) => example.Values[i] == 0 ? -1.0 : place % 3);
}

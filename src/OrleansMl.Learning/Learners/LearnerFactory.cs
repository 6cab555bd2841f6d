using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>Makes learners by type and parameters as application files give them.</summary>
public static class LearnerFactory
{
    private const LearnerTargets Scalar = LearnerTargets.Binary | LearnerTargets.Regression;
    private const LearnerTargets AnyClasses = LearnerTargets.Binary | LearnerTargets.Multiclass;

    internal static LearnerParameter ClipToLabelRange { get; } =
        LearnerParameter.Flag("clipToLabelRange", false, "a predicted value stays within the labels seen");

    /// <summary>Types that can be made.</summary>
    public static ImmutableArray<LearnerKind> Kinds { get; } = [.. Single(), Bagging()];

    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> Types { get; } = [.. Kinds.Select(kind => kind.Name)];

    /// <summary>The type of a name; null when there is none.</summary>
    public static LearnerKind? Find(string type) => Kinds.FirstOrDefault(kind => kind.Name == type);

    /// <summary>Makes a learner that has learned nothing.</summary>
    /// <param name="type">One of <see cref="Types"/>.</param>
    /// <param name="parameters">As <see cref="LearnerKind.Parameters"/> describes them.</param>
    /// <param name="shape">What it takes and answers.</param>
    /// <param name="seed">For what is drawn.</param>
    /// <exception cref="LearnerException">An unknown type or parameter, a value out of range, or a target that the type does not learn.</exception>
    public static ILearner Create(string type, IReadOnlyDictionary<string, object>? parameters, in LearnerShape shape, long seed)
    {
        var kind = Find(type) ?? throw new LearnerException($"There is no learner '{type}' (available: {string.Join(", ", Types)}).");
        shape.Check();
        if (!kind.Learns(shape.Classes))
        {
            var classes = shape.Classes;
            throw new LearnerException($"{type} does not learn {(classes == 0 ? "values" : $"{classes} classes")}; these do: {string.Join(", ", Kinds.Where(other => other.Learns(classes)).Select(other => other.Name))}.");
        }

        return kind.Make(shape, ParameterSet.Read(type, kind.Parameters(shape.Classes, parameters), parameters), seed);
    }

    /// <summary>Makes a learner of two classes, or of a value where the type learns no classes; its hashed features may be any number.</summary>
    /// <exception cref="LearnerException">As above.</exception>
    public static ILearner Create(string type, IReadOnlyDictionary<string, object>? parameters, int denseCount, int hashBits, long seed)
        => Create(type, parameters, new LearnerShape(denseCount, hashBits, 0, Find(type)?.Learns(2) == false ? 0 : 2), seed);

    /// <summary>Brings back what <see cref="ILearner.Save"/> wrote; the learner goes on bit for bit.</summary>
    /// <param name="state">The bytes.</param>
    /// <param name="parameters">From now on in force; null: those that it had.</param>
    /// <exception cref="LearnerException">Damaged bytes, an unknown type, a version of the future, or another value of a structural parameter.</exception>
    public static ILearner Restore(ReadOnlySpan<byte> state, IReadOnlyDictionary<string, object>? parameters = null) => StateEnvelope.Open(state, (type, version, reader) =>
        type is LinearLearner.LogisticRegression or LinearLearner.LinearRegression ? LinearLearner.Restore(type, version, reader, parameters)
        : Find(type) is not null ? OnlineLearner.Restore(type, version, reader, parameters)
        : throw new LearnerException($"The saved state is of a learner '{type}', which this program does not know (available: {string.Join(", ", Types)})."));

    private static IEnumerable<LearnerKind> Single()
    {
        yield return new LearnerKind(
            LinearLearner.LogisticRegression,
            "normalised, adaptive, importance-invariant updates as in Vowpal Wabbit; logistic loss",
            LearnerTargets.Binary,
            _ => LinearOptions.Parameters(logistic: true),
            static (in shape, parameters, _) => new LinearLearner(true, LinearOptions.From(parameters, true), shape.DenseCount, shape.HashBits));
        yield return new LearnerKind(
            LinearLearner.LinearRegression,
            "the same with squared loss",
            LearnerTargets.Regression,
            _ => LinearOptions.Parameters(logistic: false),
            static (in shape, parameters, _) => new LinearLearner(false, LinearOptions.From(parameters, false), shape.DenseCount, shape.HashBits));
        yield return Linear(GradientOptions.Sgd, "linear model, plain gradient steps", static (in shape, parameters, seed) =>
            new GradientLearner<PlainRule>(GradientOptions.Sgd, shape, parameters, seed, GradientOptions.Plain(parameters), parameters.Number("l2")));
        yield return Linear(GradientOptions.AdaGrad, "linear model, AdaGrad", static (in shape, parameters, seed) =>
            new GradientLearner<AdaGradRule>(GradientOptions.AdaGrad, shape, parameters, seed, GradientOptions.Adaptive(parameters), parameters.Number("l2")));
        yield return Linear(GradientOptions.Adam, "linear model, Adam", static (in shape, parameters, seed) =>
            new GradientLearner<AdamRule>(GradientOptions.Adam, shape, parameters, seed, GradientOptions.Moments(parameters), parameters.Number("l2")));
        yield return Linear(GradientOptions.Ftrl, "linear model, FTRL-Proximal: sparse weights", static (in shape, parameters, seed) =>
            new GradientLearner<FtrlRule>(GradientOptions.Ftrl, shape, parameters, seed, GradientOptions.Proximal(parameters), 0));
        yield return new LearnerKind(
            PassiveAggressiveLearner.Name,
            "linear model, passive-aggressive: PA, PA-I, PA-II",
            Scalar,
            static classes => PassiveAggressiveLearner.Parameters(classes),
            static (in shape, parameters, seed) => new PassiveAggressiveLearner(shape, parameters, seed));
        yield return new LearnerKind(
            GradientOptions.Softmax,
            "a linear model per class, softmax; plain steps, AdaGrad or Adam",
            AnyClasses,
            static _ => GradientOptions.ForSoftmax,
            GradientOptions.MakeSoftmax);
        yield return new LearnerKind(
            NaiveBayesLearner.Name,
            "normal densities of dense features, counts of hashed ones",
            AnyClasses,
            static _ => NaiveBayesLearner.Parameters,
            static (in shape, parameters, seed) => new NaiveBayesLearner(shape, parameters, seed));
        yield return new LearnerKind(
            HoeffdingTreeLearner.Name,
            "decision tree that grows with the stream, naive Bayes in the leaves",
            AnyClasses,
            static _ => HoeffdingTreeLearner.Parameters,
            static (in shape, parameters, seed) => new HoeffdingTreeLearner(shape, parameters, seed));
        yield return new LearnerKind(
            FactorizationMachineLearner.Name,
            "linear model with all pairs of features, through factors",
            Scalar,
            static _ => FactorizationMachineLearner.Parameters,
            static (in shape, parameters, seed) => new FactorizationMachineLearner(shape, parameters, seed));
        yield return new LearnerKind(
            MatrixFactorizationLearner.Name,
            "user and item: biases and factors; takes two hashed columns and nothing else",
            Scalar,
            static classes => classes == 0 ? [.. MatrixFactorizationLearner.Parameters, ClipToLabelRange] : MatrixFactorizationLearner.Parameters,
            static (in shape, parameters, seed) => new MatrixFactorizationLearner(shape, parameters, seed));
    }

    private static LearnerKind Linear(string name, string about, LearnerKind.LearnerMaker make) => new(
        name,
        about,
        Scalar,
        classes => classes == 0 ? [.. GradientOptions.For(name), ClipToLabelRange] : GradientOptions.For(name),
        make);

    private static LearnerKind Bagging()
    {
        var own = BaggingLearner.Parameters([.. Single().Select(kind => kind.Name)]);
        return new LearnerKind(
            BaggingLearner.Name,
            "the mean of several learners of one type, each on its own Poisson resample",
            LearnerTargets.Binary | LearnerTargets.Regression | LearnerTargets.Multiclass,
            _ => own,
            (in shape, parameters, seed) => new BaggingLearner(shape, parameters, seed, parameters.Except(own)));
    }
}

using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>Parameters of the gradient learners, and the learners made from them.</summary>
internal static class GradientOptions
{
    public const string Sgd = "sgd";
    public const string AdaGrad = "adagrad";
    public const string Adam = "adam";
    public const string Ftrl = "ftrl";
    public const string Softmax = "softmax";

    private static readonly ImmutableArray<LearnerParameter> _common =
    [
        LearnerParameter.Number("interceptRate", null, 0, 100, "plain step size of the constant; absent: the constant is a feature like the others"),
        LearnerParameter.Number("clipGradient", 1e12, 0, 1e12, "limit of the loss's derivative", openMin: true),
    ];

    private static readonly ImmutableArray<LearnerParameter> _l2 = [LearnerParameter.Number("l2", 0, 0, 1, "pull of touched weights towards 0", openMax: true)];

    /// <summary>Of the linear model under a rule.</summary>
    public static ImmutableArray<LearnerParameter> For(string rule) => rule switch
    {
        Sgd => [Rate(0.01), .. _l2, .. _common],
        AdaGrad => [Rate(0.1), Epsilon, .. _l2, .. _common],
        Adam => [Rate(0.01), .. Momentum, Epsilon, .. _l2, .. _common],
        _ =>
        [
            LearnerParameter.Number("alpha", 0.05, 0, 100, "step size", openMin: true),
            LearnerParameter.Number("beta", 1, 0, 1e6, "added to the root of the squared gradients"),
            LearnerParameter.Number("l1", 0, 0, 1e6, "weights whose z is within it are 0"),
            LearnerParameter.Number("l2", 1, 0, 1e6, "pull of weights towards 0"),
            LearnerParameter.Word("variant", "proximal", "proximal: as published; lagged: as River, one step behind", "proximal", "lagged"),
            .. _common,
        ],
    };

    /// <summary>softmax takes what any of its optimizers takes.</summary>
    public static ImmutableArray<LearnerParameter> ForSoftmax { get; } =
    [
        LearnerParameter.Word("optimizer", Sgd, "rule of the updates", Sgd, AdaGrad, Adam).Structural(),
        Rate(0.1),
        .. Momentum,
        Epsilon,
        .. _l2,
        .. _common,
    ];

    public static PlainRule Plain(ParameterSet parameters) => new(parameters.Number("learningRate"));

    public static AdaGradRule Adaptive(ParameterSet parameters) => new(parameters.Number("learningRate"), parameters.Number("epsilon"));

    public static AdamRule Moments(ParameterSet parameters)
        => new(parameters.Number("learningRate"), parameters.Number("beta1"), parameters.Number("beta2"), parameters.Number("epsilon"));

    public static FtrlRule Proximal(ParameterSet parameters)
        => new(parameters.Number("alpha"), parameters.Number("beta"), parameters.Number("l1"), parameters.Number("l2"), parameters.Word("variant") == "lagged");

    public static ILearner MakeSoftmax(in LearnerShape shape, ParameterSet parameters, long seed) => parameters.Word("optimizer") switch
    {
        AdaGrad => new SoftmaxLearner<AdaGradRule>(Softmax, shape, parameters, seed, Adaptive(parameters)),
        Adam => new SoftmaxLearner<AdamRule>(Softmax, shape, parameters, seed, Moments(parameters)),
        _ => new SoftmaxLearner<PlainRule>(Softmax, shape, parameters, seed, Plain(parameters)),
    };

    private static LearnerParameter Epsilon => LearnerParameter.Number("epsilon", 1e-8, 0, 1, "keeps the divisor off 0", openMin: true);

    private static ImmutableArray<LearnerParameter> Momentum =>
    [
        LearnerParameter.Number("beta1", 0.9, 0, 1, "adam: memory of the mean gradient", openMax: true),
        LearnerParameter.Number("beta2", 0.999, 0, 1, "adam: memory of the mean squared gradient", openMax: true),
    ];

    private static LearnerParameter Rate(double fallback) => LearnerParameter.Number("learningRate", fallback, 0, 100, "step size", openMin: true);
}

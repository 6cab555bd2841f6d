using System.Collections.Immutable;

namespace OrleansMl.Declaration;

/// <summary>A learner that there is, with the targets it takes and its parameters.</summary>
internal sealed record LearnerType(string Name, TargetType Target, ImmutableArray<LearnerParameter> Parameters)
{
    private static readonly ImmutableArray<LearnerParameter> Linear =
    [
        new("learningRate", 0, 100, OpenMin: true),
        new("adaptive"),
        new("normalized"),
        new("invariant"),
        new("powerT", 0, 1),
        new("l2", 0, 1, OpenMax: true),
    ];

    public static ImmutableArray<LearnerType> All { get; } =
    [
        new("logistic_regression", TargetType.Binary, Linear),
        new("linear_regression", TargetType.Regression, [.. Linear, new("clipToLabelRange")]),
    ];

    public static ImmutableArray<string> Names { get; } = [.. All.Select(type => type.Name)];
}

/// <summary>A parameter of a learner.</summary>
/// <param name="Name">As written.</param>
/// <param name="Min">Least number; null: it is true or false.</param>
/// <param name="Max">Greatest number.</param>
/// <param name="OpenMin">The least itself is out.</param>
/// <param name="OpenMax">The greatest itself is out.</param>
internal sealed record LearnerParameter(string Name, double? Min = null, double? Max = null, bool OpenMin = false, bool OpenMax = false)
{
    /// <summary>The interval in words: <c>(0, 100]</c>.</summary>
    public string Range => FormattableString.Invariant($"{(OpenMin ? '(' : '[')}{Min}, {Max}{(OpenMax ? ')' : ']')}");

    public bool Admits(double value) =>
        (OpenMin ? value > Min : value >= Min) && (OpenMax ? value < Max : value <= Max);
}

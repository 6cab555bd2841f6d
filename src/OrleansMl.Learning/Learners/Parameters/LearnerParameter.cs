using System.Collections.Immutable;
using System.Globalization;

namespace OrleansMl.Learning;

/// <summary>A parameter of a learner, as application files name it.</summary>
public sealed record LearnerParameter
{
    private LearnerParameter(string name, ParameterKind kind, object? fallback, string about) => (Name, Kind, Default, About) = (name, kind, fallback, about);

    public string Name { get; }

    public ParameterKind Kind { get; }

    /// <summary>double, bool or string; null: absent, which <see cref="About"/> explains.</summary>
    public object? Default { get; }

    /// <summary>What it does, in one line.</summary>
    public string About { get; }

    /// <summary>Least number.</summary>
    public double Min { get; private init; }

    /// <summary>Greatest number.</summary>
    public double Max { get; private init; }

    /// <summary>The least itself is out.</summary>
    public bool OpenMin { get; private init; }

    /// <summary>The greatest itself is out.</summary>
    public bool OpenMax { get; private init; }

    /// <summary>For a word: those there are.</summary>
    public ImmutableArray<string> Words { get; private init; } = [];

    /// <summary>What was learned under one value has no meaning under another; other parameters may change while a learner lives.</summary>
    public bool IsStructural { get; private init; }

    /// <summary>What is admitted: <c>a number in (0, 100]</c>, <c>true or false</c>, <c>one of a, b</c>.</summary>
    public string Admitted => Kind switch
    {
        ParameterKind.Number => $"a number in {Range}",
        ParameterKind.Integer => $"a whole number in {Range}",
        ParameterKind.Flag => "true or false",
        _ => $"one of {string.Join(", ", Words)}",
    };

    /// <summary>The interval in words: <c>(0, 100]</c>.</summary>
    public string Range => FormattableString.Invariant($"{(OpenMin ? '(' : '[')}{Min}, {Max}{(OpenMax ? ')' : ']')}");

    public static LearnerParameter Number(string name, double? fallback, double min, double max, string about, bool openMin = false, bool openMax = false)
        => new(name, ParameterKind.Number, fallback, about) { Min = min, Max = max, OpenMin = openMin, OpenMax = openMax };

    public static LearnerParameter Integer(string name, int fallback, int min, int max, string about)
        => new(name, ParameterKind.Integer, (double)fallback, about) { Min = min, Max = max };

    public static LearnerParameter Flag(string name, bool fallback, string about) => new(name, ParameterKind.Flag, fallback, about);

    public static LearnerParameter Word(string name, string fallback, string about, params ImmutableArray<string> words)
        => new(name, ParameterKind.Word, fallback, about) { Words = words };

    internal LearnerParameter Structural() => this with { IsStructural = true };

    /// <summary>The number is in the interval, and whole where it must be.</summary>
    public bool Admits(double value)
        => (OpenMin ? value > Min : value >= Min) && (OpenMax ? value < Max : value <= Max) && (Kind != ParameterKind.Integer || value == Math.Floor(value));

    /// <summary>The value as the learner takes it: double, bool or string; null when it is not admitted.</summary>
    internal object? Read(object given) => (Kind, given) switch
    {
        (ParameterKind.Flag, bool flag) => flag,
        (ParameterKind.Word, string word) => Words.Contains(word) ? word : null,
        (ParameterKind.Number or ParameterKind.Integer, IConvertible and not (string or bool or char or DateTime)) =>
            Convert.ToDouble(given, CultureInfo.InvariantCulture) is var number && Admits(number) ? number : null,
        _ => null,
    };
}

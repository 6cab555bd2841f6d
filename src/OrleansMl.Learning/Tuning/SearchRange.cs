using System.Collections.Immutable;
using System.Globalization;

namespace OrleansMl.Learning;

/// <summary>Where a parameter is searched for.</summary>
public sealed record SearchRange
{
    private SearchRange(SearchRangeKind kind, double min, double max, ImmutableArray<object> choices) => (Kind, Min, Max, Choices) = (kind, min, max, choices);

    public SearchRangeKind Kind { get; }

    /// <summary>Least value, itself in; 0 with choices.</summary>
    public double Min { get; }

    /// <summary>Greatest value, itself in (of a continuous range never drawn but by rounding); 0 with choices.</summary>
    public double Max { get; }

    /// <summary>Double, bool or string; empty for a range.</summary>
    public ImmutableArray<object> Choices { get; }

    /// <summary>Numbers in [min, max].</summary>
    /// <exception cref="LearnerException">Not min &lt; max, both finite.</exception>
    public static SearchRange Uniform(double min, double max) => Range(SearchRangeKind.Uniform, min, max);

    /// <summary>Numbers in [min, max], whose logarithms are uniform.</summary>
    /// <exception cref="LearnerException">Not 0 &lt; min &lt; max, both finite.</exception>
    public static SearchRange LogUniform(double min, double max)
        => min > 0 ? Range(SearchRangeKind.LogUniform, min, max) : throw new LearnerException($"A logarithmic range begins at {Text(min)}; it must begin above 0, or be uniform.");

    /// <summary>Whole numbers from min to max.</summary>
    /// <exception cref="LearnerException">Not min &lt; max, or a bound is not whole.</exception>
    public static SearchRange Integer(double min, double max)
        => min == Math.Floor(min) && max == Math.Floor(max) ? Range(SearchRangeKind.Integer, min, max) : throw new LearnerException($"A range of whole numbers has the bounds {Text(min)} and {Text(max)}; give whole ones.");

    /// <summary>One of some values.</summary>
    /// <param name="choices">At least one double, bool or string; each once.</param>
    /// <exception cref="LearnerException">None, one twice, or of another type.</exception>
    public static SearchRange Choice(params IEnumerable<object> choices)
    {
        ImmutableArray<object> given = [.. choices.Select(choice => choice switch
        {
            bool or string => choice,
            IConvertible and not (char or DateTime) => Convert.ToDouble(choice, CultureInfo.InvariantCulture),
            _ => throw new LearnerException($"A choice is {choice?.GetType().Name ?? "null"}; it must be a number, true, false or a text."),
        })];
        if (given.IsEmpty)
            throw new LearnerException("There is nothing to choose from; give at least one value.");
        if (given.Distinct().Count() < given.Length)
            throw new LearnerException($"A choice is given twice ({string.Join(", ", given.Select(Text))}); keep one.");
        return new SearchRange(SearchRangeKind.Choice, 0, 0, given);
    }

    /// <summary>The value may come of this range.</summary>
    public bool Holds(object value) => Kind == SearchRangeKind.Choice
        ? Choices.Contains(value)
        : value is double number && number >= Min && number <= Max && (Kind != SearchRangeKind.Integer || number == Math.Floor(number));

    internal object Draw(ref SeededDraw draw) => Kind switch
    {
        SearchRangeKind.Uniform => Math.Clamp(Min + (draw.Uniform() * (Max - Min)), Min, Max),
        SearchRangeKind.LogUniform => Math.Clamp(Math.Exp(Math.Log(Min) + (draw.Uniform() * (Math.Log(Max) - Math.Log(Min)))), Min, Max),
        SearchRangeKind.Integer => Math.Min(Max, Min + Math.Floor(draw.Uniform() * (Max - Min + 1))),
        _ => Choices[(int)(draw.Uniform() * Choices.Length)],
    };

    private static SearchRange Range(SearchRangeKind kind, double min, double max)
        => double.IsFinite(min) && double.IsFinite(max) && min < max
            ? new SearchRange(kind, min, max, [])
            : throw new LearnerException($"A range goes from {Text(min)} to {Text(max)}; give two finite bounds, the least and then the greatest.");

    private static string Text(object value) => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
}

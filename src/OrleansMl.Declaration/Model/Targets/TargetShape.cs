using System.Collections.Immutable;
using System.Globalization;

namespace OrleansMl.Declaration;

/// <summary>What the type of a target means in numbers: labels of classes are their places, from 0.</summary>
public static class TargetShape
{
    /// <summary>A target of fewer classes is binary.</summary>
    public const int FewestClasses = 3;

    public const int MostClasses = 1000;

    /// <summary>C; 0: a value.</summary>
    public static int ClassCount(this TargetDefinition target)
    {
        ArgumentNullException.ThrowIfNull(target);
        return target.Type switch
        {
            TargetType.Regression => 0,
            TargetType.Binary => 2,

            // Classes that are at fault are none, and what is said of the rest should not follow from that.
            _ => Math.Max(FewestClasses, target.Classes.Length),
        };
    }

    /// <summary>Numbers of one answer: the value, the probability of the positive class, or of more than two classes a probability for each.</summary>
    public static int AnswerWidth(this TargetDefinition target) => target.ClassCount() is var classes and > 2 ? classes : 1;

    /// <summary>
    /// Place of the class that a number means, −1 for none: where classes are named by whole numbers it is the class of that name, or a
    /// label 1 would be the class at place 1 whatever it is called; else it is a place.
    /// </summary>
    public static int PlaceOf(ImmutableArray<string> classes, double number)
    {
        if (number != Math.Floor(number) || !double.IsFinite(number))
            return -1;
        if (classes.Any(name => long.TryParse(name, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _)))
            return classes.IndexOf(number.ToString(CultureInfo.InvariantCulture));
        return number >= 0 && number < classes.Length ? (int)number : -1;
    }
}

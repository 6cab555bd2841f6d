using System.Collections.Immutable;
using System.Globalization;
using OrleansMl.Declaration;

namespace OrleansMl.Catalog;

/// <summary>Between a target's outer terms (class names, truth values) and the number that is learned.</summary>
public static class TargetValues
{
    /// <summary>Classes that a refusal lists.</summary>
    private const int ShownClasses = 20;

    /// <summary>The label as a number; null, with the reason, when the value is not one of the target's.</summary>
    public static double? ToLabel(this TargetDefinition target, Scalar value, out string? why)
    {
        why = null;
        if (target.Type == TargetType.Regression)
        {
            if (value.Kind == ScalarKind.Number && double.IsFinite(value.AsNumber()))
                return value.AsNumber();
            why = $"Target '{target.Name}' is a finite number; '{value}' is none.";
            return null;
        }

        if (target.Type == TargetType.Multiclass)
            return target.ToPlace(value, out why);
        switch (value.Kind)
        {
            case ScalarKind.Bool:
                return value.AsNumber();
            case ScalarKind.Number when value.AsNumber() is 0 or 1:
                return value.AsNumber();
            case ScalarKind.Text when target.Classes.IndexOf(value.AsText()!) is var index and >= 0:
                return index;
            default:
                var classes = target.Classes.IsEmpty ? "0, 1, false, true" : $"{string.Join(", ", target.Classes)} (or 0, 1, false, true)";
                why = $"'{value}' is not a class of target '{target.Name}'; it has {classes}.";
                return null;
        }
    }

    /// <summary>The label in the target's terms: a class name where classes are declared, else the number.</summary>
    public static Scalar FromLabel(this TargetDefinition target, double label) =>
        target.Type switch
        {
            TargetType.Binary when !target.Classes.IsEmpty => Scalar.Of(target.Classes[label > 0.5 ? 1 : 0]),

            // A label of before the classes were declared as they are now may be none of them.
            TargetType.Multiclass when label >= 0 && label < target.Classes.Length => Scalar.Of(target.Classes[(int)label]),
            _ => Scalar.Of(label),
        };

    /// <summary>Names of all classes, in the order of their labels; empty: a value.</summary>
    public static ImmutableArray<string> ClassNames(this TargetDefinition target) => [.. Enumerable.Range(0, target.ClassCount()).Select(target.ClassName)];

    /// <summary>Name of a class.</summary>
    public static string ClassName(this TargetDefinition target, int index) =>
        target.Classes.IsEmpty ? index.ToString(CultureInfo.InvariantCulture) : target.Classes[index];

    /// <summary>Of more than two classes: the place of the class that is named, by a text or by a number.</summary>
    private static double? ToPlace(this TargetDefinition target, Scalar value, out string? why)
    {
        why = null;
        var place = value.Kind switch
        {
            ScalarKind.Text => target.Classes.IndexOf(value.AsText()!),
            ScalarKind.Number => TargetShape.PlaceOf(target.Classes, value.AsNumber()),
            _ => -1,
        };
        if (place >= 0)
            return place;
        why = $"'{value}' is not a class of target '{target.Name}'; it has {Shown(target.Classes)}.";
        return null;
    }

    /// <summary>Names of classes for a message: the first 20, and how many more there are.</summary>
    internal static string Shown(ImmutableArray<string> classes) =>
        string.Join(", ", classes.Take(ShownClasses)) + (classes.Length > ShownClasses ? $" and {classes.Length - ShownClasses} more" : "");
}

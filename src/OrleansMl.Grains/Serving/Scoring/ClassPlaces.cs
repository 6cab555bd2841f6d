using System.Collections.Immutable;
using OrleansMl.Catalog;
using OrleansMl.Declaration;

namespace OrleansMl.Serving;

/// <summary>
/// Where the numbers of a version's answer belong among the classes as they are declared now. A version that was trained for some
/// of them, in another order or before others were added, answers by their names.
/// </summary>
internal sealed class ClassPlaces
{
    private readonly ImmutableArray<int> _places;

    private ClassPlaces(CompiledModel model, ImmutableArray<int> places, string? whyNot) => (Model, _places, WhyNot) = (model, places, whyNot);

    /// <summary>As declared.</summary>
    public CompiledModel Model { get; }

    /// <summary>Why the version answers nothing that the target takes; null: it does.</summary>
    public string? WhyNot { get; }

    /// <summary>Numbers of the version's answer that are to be placed; 0: they stand where they belong.</summary>
    public int Count => _places.Length;

    public static ClassPlaces Of(VersionManifest manifest, CompiledModel model)
    {
        if (manifest.Classes.IsDefaultOrEmpty || model.Target is not { } target)
            return new ClassPlaces(model, [], null);
        var declared = target.ClassNames();
        if (manifest.Classes.SequenceEqual(declared))
            return new ClassPlaces(model, [], null);
        var places = declared.Select((name, place) => (name, place)).ToDictionary(one => one.name, one => one.place, StringComparer.Ordinal);

        // Of two classes there is one score, whose calibration and threshold are of the class that was the positive one.
        if (target.AnswerWidth() > 1 && manifest.Classes.Length >= TargetShape.FewestClasses && manifest.Classes.All(places.ContainsKey))
            return new ClassPlaces(model, [.. manifest.Classes.Select(name => places[name])], null);
        var now = declared.IsEmpty ? "is a number now" : $"has {TargetValues.Shown(declared)} now";
        return new ClassPlaces(model, [], $"Version {manifest.Version} of model '{manifest.Model}' was trained for the classes {TargetValues.Shown(manifest.Classes)}, and target '{target.Name}' {now}: retrain the model, or declare those classes again.");
    }

    /// <param name="answered">[<see cref="Count"/>] of the version.</param>
    /// <param name="declared">[C], written; classes that the version does not know are 0.</param>
    public void Place(ReadOnlySpan<double> answered, Span<double> declared)
    {
        declared.Clear();
        for (var i = 0; i < _places.Length; i++)
            declared[_places[i]] = answered[i];
    }
}

using System.Collections.Immutable;
using OrleansMl.Declaration.Yaml;

namespace OrleansMl.Declaration;

/// <summary>Reads a model's <c>postprocess</c>.</summary>
internal static class PostprocessReader
{
    private const string Score = "score";

    public static ImmutableArray<PostprocessDefinition> Read(NodeReader list, MapReader model, TargetDefinition? target, VectorReader vector)
    {
        var steps = ImmutableArray.CreateBuilder<PostprocessDefinition>();

        // Labels that an answer can carry after the steps so far; empty: not known.
        ImmutableArray<string> labels = target is null ? [] : TargetReader.LabelsOf(target);
        foreach (var item in list.Items("steps", Limits.Stages))
        {
            if (item.Map(Shapes.Postprocess) is not { } map || map.OneOf("what the step does", [.. Shapes.Postprocess.Names]) is not { } name)
                continue;
            var node = map[name]!.Value;
            var step = name switch
            {
                "calibrate" => new PostprocessDefinition { Calibrate = node.Map(Shapes.Calibrate)?["method"]?.Word(Shapes.CalibrationMethods) is { } method ? new CalibrateStep(method) : null },
                "threshold" => new PostprocessDefinition { Threshold = Threshold(node, target, ref labels) },
                "label_map" => new PostprocessDefinition { LabelMap = LabelMap(node, ref labels) },
                "combine" => new PostprocessDefinition { Combine = Combine(node, vector) },
                _ => new PostprocessDefinition { TopK = node.Map(Shapes.TopK)?["k"]?.Int(1, 10_000) },
            };
            if (target?.Type == TargetType.Multiclass && name is not ("label_map" or "top_k"))
            {
                map.Key(name).Fault("conflict", $"'{name}' works on the one score of a model, and '{target.Name}' is multiclass: an answer is a probability for each class; remove the step (label_map renames classes).");
                continue;
            }

            if (name is "top_k" && !model.Has("candidates"))
                map.Key(name).Fault("conflict", "'top_k' orders candidates; the model has no 'candidates': declare them or remove the step.");

            if (name is "calibrate")
                CheckCalibrate(map, model, target, steps.Count);

            steps.Add(step);
        }

        return steps.DrainToImmutable();
    }

    private static void CheckCalibrate(MapReader map, MapReader model, TargetDefinition? target, int place)
    {
        var key = map.Key("calibrate");
        if (target?.Type == TargetType.Regression)
            key.Fault("conflict", $"'calibrate' maps probabilities, and '{target.Name}' is a regression target; remove the step.");
        else if (!model.Has("learner"))
            key.Fault("conflict", "'calibrate' is fitted by the learner as it makes a version; the model has no 'learner': declare one or remove the step.");
        else if (place > 0)
            key.Fault("conflict", "'calibrate' maps the model's own probability: put it first.");
    }

    private static ThresholdStep? Threshold(NodeReader node, TargetDefinition? target, ref ImmutableArray<string> labels)
    {
        if (node.Map(Shapes.Threshold) is not { } map)
            return null;
        var at = map["at"]?.Number();
        if (target?.Type == TargetType.Binary && at is <= 0 or > 1 && at is not null)
            map["at"]!.Value.Warning("never_reached", $"Scores of a binary target are between 0 and 1: a threshold at {map["at"]!.Value.Said()} always gives the same label.");
        var texts = new string?[2];
        foreach (var (index, key) in new[] { "below", "above" }.Index())
        {
            if (map[key] is not { } label || label.Line("a label", Limits.Label) is not { } text)
                continue;
            texts[index] = text;
            if (!labels.IsEmpty && !labels.Contains(text))
                label.Warning("unknown_label", $"'{Excerpt.Of(text)}' is no class of the target (classes: {Suggestion.List(labels)}): answers cannot be compared with outcomes by label.{Suggestion.For(text, labels)}");
        }

        if (at is null || texts[0] is null || texts[1] is null)
            return null;
        labels = [texts[0]!, texts[1]!];
        return new ThresholdStep(at.Value, texts[0]!, texts[1]!);
    }

    private static ImmutableSortedDictionary<string, string> LabelMap(NodeReader node, ref ImmutableArray<string> labels)
    {
        var result = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        var entries = node.Entries("labels", Limits.Categories);
        if (node.IsMap && entries.IsEmpty)
            node.Fault("invalid_value", "The map is empty; write label: new label, or remove the step.");
        foreach (var (key, from, value) in entries)
        {
            if (!labels.IsEmpty && !labels.Contains(from))
                key.Warning("unknown_label", $"No answer carries the label '{Excerpt.Of(from)}' here (labels: {Suggestion.List(labels)}).{Suggestion.For(from, labels)}");
            if (value.Line("a label", Limits.Label) is { } to)
                result[from] = to;
        }

        labels = [.. labels.Select(label => result.GetValueOrDefault(label, label))];
        return result.ToImmutable();
    }

    /// <summary>Weights of the score and of numbers: columns of the vector, or others to be had of the entity or the candidate.</summary>
    private static ImmutableSortedDictionary<string, double> Combine(NodeReader node, VectorReader vector)
    {
        var result = ImmutableSortedDictionary.CreateBuilder<string, double>(StringComparer.Ordinal);
        var entries = node.Entries("weights", Limits.Columns);
        if (node.IsMap && entries.IsEmpty)
            node.Fault("invalid_value", "The map is empty; write score: weight, and weights of numeric columns.");
        foreach (var (key, name, value) in entries)
        {
            if (value.Number() is { } weight)
                result[name] = weight;
            if (name == Score)
                continue;
            var column = vector.Find(name);
            if (column is null && name.EndsWith(":*", StringComparison.Ordinal))
                key.Fault("invalid_value", $"'{Excerpt.Of(name)}' names several features; give each its own weight.");
            else if (column is null && (vector.Complete || name.AsSpan().ContainsAny(".:")))
                column = vector.Resolve(key, name, out _).FirstOrDefault();
            if (column is { IsCategorical: true })
                key.Fault("conflict", $"'{column.Name}' holds texts and cannot be weighed; use numeric columns.");
        }

        return result.ToImmutable();
    }
}

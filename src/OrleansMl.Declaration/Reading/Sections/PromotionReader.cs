using System.Collections.Immutable;
using System.Globalization;
using OrleansMl.Declaration.Yaml;

namespace OrleansMl.Declaration;

/// <summary>Reads a model's <c>promotion</c>.</summary>
internal static class PromotionReader
{
    private const string Unit = " outcomes";
    private const int MaxOutcomes = 1_000_000_000;

    public static PromotionDefinition? Read(NodeReader node, MapReader model, TargetDefinition? target, VectorReader vector)
    {
        if (!model.Has("target"))
            model.Key("promotion").Fault("missing_key", "A model with a 'promotion' needs the key 'target': versions are compared on its outcomes.");
        if (node.Map(Shapes.Promotion) is not { } map)
            return null;
        var metric = map["metric"]?.Word(Shapes.Metrics);
        if (metric is not null && target is not null)
        {
            string[] fit = target.ClassCount() > 0 ? ["log_loss", "accuracy"] : ["squared_error", "absolute_error"];
            if (!fit.Contains(metric))
                map["metric"]!.Value.Fault("conflict", $"{metric} does not measure a {target.Type.ToString().ToLowerInvariant()} target; use {Suggestion.List(fit)}.");
        }

        return new PromotionDefinition
        {
            Metric = metric ?? "",
            Test = Test(map, metric),
            Alpha = map["alpha"]?.Number(0, 0.5, open: true) ?? 0.05,
            MinOutcomes = map["minOutcomes"]?.Int(1, MaxOutcomes) ?? 300,
            CooldownOutcomes = map["cooldown"] is { } cooldown ? Outcomes(cooldown) : 0,
            Slices = map["slices"] is { } slices ? SliceReader.Read(slices, vector) : [],
            Guardrails = map["guardrails"] is { } guardrails ? RolloutReader.Guardrails(guardrails) : null,
            Rollout = map["rollout"] is { } rollout ? RolloutReader.Rollout(rollout) : null,
        };
    }

    /// <summary>The bounds of empirical Bernstein are of values with a least and a largest one.</summary>
    private static string Test(MapReader map, string? metric)
    {
        var test = map["test"]?.Word(Shapes.Tests) ?? "confidence_sequence";
        if (test == "empirical_bernstein" && metric is ("squared_error" or "absolute_error") && map["test"] is { } node)
            node.Fault("conflict", $"empirical_bernstein needs a loss with a largest value, and {metric} has none; use confidence_sequence.");
        return test;
    }

    private static int Outcomes(NodeReader node)
    {
        const string Wanted = "a number of outcomes such as 200 outcomes";
        if (node.NumberIfAny() is not null)
            node.Fault("invalid_value", $"{node.Said()} has no unit: write {node.Said()} outcomes.");
        else if (node.Text(Wanted) is { } text)
        {
            if (text.EndsWith(Unit, StringComparison.Ordinal)
                && int.TryParse(text.AsSpan(0, text.Length - Unit.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var count)
                && count <= MaxOutcomes)
                return count;
            node.Fault("invalid_value", $"{node.Said()} is not {Wanted}: write a whole number up to {MaxOutcomes} and the word outcomes.");
        }

        return 0;
    }
}

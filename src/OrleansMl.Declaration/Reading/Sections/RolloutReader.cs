using System.Collections.Immutable;
using System.Globalization;
using OrleansMl.Declaration.Yaml;

namespace OrleansMl.Declaration;

/// <summary>Reads a promotion's <c>guardrails</c> and <c>rollout</c>.</summary>
internal static class RolloutReader
{
    private const int MaxOutcomes = 10_000_000;
    private const int MaxSteps = 20;
    private const double LongestMs = 3_600_000;

    public static GuardrailsDefinition? Guardrails(NodeReader node)
    {
        if (node.Map(Shapes.Guardrails) is not { } map)
            return null;
        var latency = map["latency"]?.Map(Shapes.Latency);
        if (latency is not null && !latency.Has("p99") && !latency.Has("ratio"))
            map["latency"]!.Value.Fault("missing_key", "A latency needs p99, ratio or both: a limit in milliseconds (20ms), or in times the champion's (1.5).");
        if (latency is null && !map.Has("latency") && !map.Has("errors"))
            node.Fault("missing_key", "The guardrails limit nothing; give latency, errors or both, or remove them.");
        return new GuardrailsDefinition
        {
            LatencyP99 = latency?["p99"] is { } p99 ? Milliseconds(p99) : null,
            LatencyRatio = latency?["ratio"]?.Number(1, 1000),
            Errors = map["errors"]?.Number(0, 0.999),
            MinAnswers = map["minAnswers"]?.Int(1, MaxOutcomes) ?? 100,
        };
    }

    public static RolloutDefinition? Rollout(NodeReader node)
    {
        if (node.Map(Shapes.Rollout) is not { } map)
            return null;
        if (!map.Has("shadow") && !map.Has("canary"))
            node.Fault("missing_key", "A rollout needs shadow, canary or both; without a rollout a candidate becomes champion at once.");
        var step = map["step"]?.Map(Shapes.Step);
        return new RolloutDefinition
        {
            ShadowOutcomes = map["shadow"]?.Map(Shapes.Shadow)?["outcomes"]?.Int(1, MaxOutcomes) ?? 0,
            Canary = map["canary"] is { } canary ? Shares(canary) : [],
            StepOutcomes = step?["outcomes"]?.Int(1, MaxOutcomes) ?? 200,
            StepMinTime = step?["minTime"]?.Duration(allowZero: true) ?? TimeSpan.Zero,
            MaxTime = map["maxTime"]?.Duration() ?? TimeSpan.FromDays(7),
        };
    }

    private static ImmutableArray<double> Shares(NodeReader list)
    {
        var shares = ImmutableArray.CreateBuilder<double>();
        foreach (var item in list.Items("canary", MaxSteps))
        {
            if (item.Number(0, 1, open: true) is not { } share)
                continue;
            if (shares.Count > 0 && share <= shares[^1])
                item.Fault("out_of_range", $"{item.Said()} is not above the share before it; write shares of the calls rising, such as [0.05, 0.25].");
            shares.Add(share);
        }

        if (list.Node is YamlSequence { Items.IsEmpty: true })
            list.Fault("invalid_value", "There is no share; give at least one, such as [0.05, 0.25], or leave canary out.");
        return shares.DrainToImmutable();
    }

    /// <summary>A time of milliseconds or seconds: 20ms, 2s.</summary>
    private static double? Milliseconds(NodeReader node)
    {
        if (node.Text("a time such as 20ms or 2s") is not { } text)
            return null;
        var unit = text.EndsWith("ms", StringComparison.Ordinal) ? 1.0 : text.EndsWith('s') ? 1000.0 : 0;
        var digits = text.AsSpan(0, Math.Max(0, text.Length - (unit == 1 ? 2 : 1)));
        if (unit > 0 && double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number * unit is > 0 and <= LongestMs)
            return number * unit;
        node.Fault("invalid_value", $"{node.Said()} is no time of an answer: write a number and ms or s (20ms, 0.5ms, 2s), above zero and at most an hour.");
        return null;
    }
}

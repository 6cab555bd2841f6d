using System.Collections.Immutable;
using System.Globalization;
using OrleansMl.Catalog;
using OrleansMl.Declaration;
using OrleansMl.Learning;

namespace OrleansMl.Evaluations;

/// <summary>A metric that an evaluation is asked for.</summary>
/// <param name="Name">As asked: <c>ndcg@5</c>.</param>
/// <param name="Kind">Without its depth: <c>ndcg</c>.</param>
/// <param name="Depth">Places that count; null: all that were shown.</param>
internal sealed record MetricSpec(string Name, string Kind, int? Depth)
{
    private static readonly string[] s_binary = ["accuracy", "precision", "recall", "f1", "roc_auc", "pr_auc", "log_loss", "brier", "ece"];
    private static readonly string[] s_regression = ["mae", "rmse", "r2"];
    private static readonly string[] s_ranked = ["ndcg", "map", "hit_rate"];

    /// <summary>It is about a ranked answer, not about a row.</summary>
    public bool IsRanked => s_ranked.Contains(Kind);

    /// <summary>All that fit the model.</summary>
    public static ImmutableArray<MetricSpec> Fitting(CompiledModel model) =>
        [.. Rows(model).Concat(model.Definition.Candidates is null ? [] : s_ranked).Select(name => new MetricSpec(name, name, null))];

    /// <summary>Null, with the reason, where the model has no such metric.</summary>
    public static MetricSpec? Parse(CompiledModel model, string text, out string? why)
    {
        why = null;
        var at = text.IndexOf('@', StringComparison.Ordinal);
        var kind = at < 0 ? text : text[..at];
        int? depth = null;
        if (at >= 0)
        {
            if (!s_ranked.Contains(kind) || !int.TryParse(text.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var k) || k is < 1 or > 10_000)
            {
                why = $"'{text}' is no metric: a depth from @1 to @10000 belongs to {string.Join(", ", s_ranked)}.";
                return null;
            }

            depth = k;
        }

        var fitting = Fitting(model);
        if (fitting.Any(metric => metric.Kind == kind))
            return new MetricSpec(text, kind, depth);
        why = $"Model '{model.Name}' has no metric '{text}' (available: {string.Join(", ", fitting.Select(m => m.Name))}).";
        return null;
    }

    private static string[] Rows(CompiledModel model) => model.Target!.Type switch
    {
        TargetType.Binary => s_binary,
        TargetType.Multiclass => [.. ClassFigures.Kinds],
        _ => s_regression,
    };
}

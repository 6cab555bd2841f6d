using System.Collections.Immutable;
using OrleansMl.Declaration;
using OrleansMl.Learning;

namespace OrleansMl.Training;

/// <summary>From declared stages to those of the learning library.</summary>
public static class PipelineMapping
{
    /// <summary>The stages in their order.</summary>
    /// <exception cref="PipelineException">There is no such stage.</exception>
    public static PipelineSpec ToSpec(ImmutableArray<PipelineStageDefinition> stages) => new(stages.Select(ToSpec));

    private static StageSpec ToSpec(PipelineStageDefinition stage)
    {
        var columns = ColumnSelector.Parse(stage.Columns);
        return stage.Name switch
        {
            "impute" => new ImputeSpec(columns, stage.Strategy switch
            {
                "median" => ImputeStrategy.Median,
                "most_frequent" => ImputeStrategy.MostFrequent,
                "constant" => ImputeStrategy.Constant,
                _ => ImputeStrategy.Mean,
            }, stage.Value),
            "standard_scale" => new StandardScaleSpec(columns),
            "min_max_scale" => new MinMaxScaleSpec(columns),
            "one_hot" => new OneHotSpec(columns, stage.Categories),
            "ordinal" => new OrdinalSpec(columns, stage.Categories),
            "log" => new LogSpec(columns, stage.Offset),
            "clip" => new ClipSpec(columns, stage.Min, stage.Max),
            "cross" => new CrossSpec(columns),
            "hash" => new HashSpec(columns, stage.Bits),
            "kmeans" => new KMeansSpec(columns, stage.Clusters, stage.Seed, stage.Starts, stage.Prefix ?? "kmeans"),
            "pca" => new PcaSpec(columns, stage.Components, stage.Variance, stage.Prefix ?? "pca"),
            var name => throw new PipelineException(name, null, "there is no such stage"),
        };
    }
}

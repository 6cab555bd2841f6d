using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>What fitting guarantees about stages, asked of stages that were read: a file may come from anywhere.</summary>
internal static class FittedStageCheck
{
    public const int MaxHashBits = 24;

    /// <exception cref="PipelineException">Constants that no fit gives, or two columns of one name.</exception>
    public static void Check(RowSchema schema, ImmutableArray<FittedStage> stages)
    {
        var standing = PipelineProgram.InitialColumns(schema);
        for (var i = 0; i < stages.Length; i++)
        {
            var name = $"{i + 1} ({stages[i].Name})";
            if (Fault(stages[i]) is { } fault)
                throw new PipelineException(name, null, fault);
            standing = stages[i].Apply(standing);
            if (standing.GroupBy(column => column.Name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
                throw new PipelineException(name, twice.Key, "the stage makes a column of a name that stands already");
        }

        if (stages.OfType<HashStage>().Select(stage => stage.Bits).Distinct().Count() > 1)
            throw new PipelineException("The hash stages have different bits; all share one table.");
    }

    private static string? Fault(FittedStage stage) => stage switch
    {
        ScaleStage scale when scale.Scales.Any(column => column.Scale == 0 || column.Tolerance < 0) => "a scale is 0 or a tolerance negative",
        LogStage log when log.Floors.Any(floor => floor.Value <= 0) => "a floor is not positive",
        OneHotStage oneHot when oneHot.Categories.Any(categories => categories.Numbers.IsEmpty == categories.Texts.IsEmpty) => "a column needs categories that are either numbers or texts",
        OrdinalStage ordinal when ordinal.Categories.Any(categories => categories.Numbers.IsEmpty == categories.Texts.IsEmpty) => "a column needs categories that are either numbers or texts",
        CrossStage { Columns.Length: < 2 } => "a cross takes at least two columns",
        HashStage { Bits: < 1 or > MaxHashBits } hash => $"bits is {hash.Bits}; it must be 1–{MaxHashBits}",
        KMeansStage kmeans when kmeans.Columns.IsEmpty || kmeans.Centres.IsEmpty || kmeans.Centres.Length % kmeans.Columns.Length != 0 => $"{kmeans.Centres.Length} numbers are not centres of {kmeans.Columns.Length} columns",
        PcaStage { Components: var found } pca when pca.Columns.IsEmpty || found.Count == 0 || found.Means.Length != pca.Columns.Length || found.Loadings.Length != found.Count * pca.Columns.Length
            => $"{found.Loadings.Length} loadings and {found.Means.Length} means are not {found.Count} components of {pca.Columns.Length} columns",
        _ => null,
    };
}

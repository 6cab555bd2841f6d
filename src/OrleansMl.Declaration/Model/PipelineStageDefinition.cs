using System.Collections.Immutable;

namespace OrleansMl.Declaration;

/// <summary>One stage of a pipeline as declared: its name and its parameters, checked.</summary>
/// <param name="Name">impute | standard_scale | min_max_scale | one_hot | ordinal | log | clip | cross | hash | kmeans | pca.</param>
public sealed record PipelineStageDefinition(string Name)
{
    /// <summary>Names of columns, or one of <c>all</c>, <c>numeric</c>, <c>categorical</c>.</summary>
    public ImmutableArray<string> Columns { get; init; } = [];

    /// <summary>impute: mean | median | most_frequent | constant.</summary>
    public string? Strategy { get; init; }

    /// <summary>impute with constant: the value (double or string).</summary>
    public object? Value { get; init; }

    /// <summary>one_hot, ordinal: the categories (double or string); empty: learned from the training rows.</summary>
    public ImmutableArray<object> Categories { get; init; } = [];

    /// <summary>log: added before the logarithm. Default 1.</summary>
    public double Offset { get; init; } = 1;

    /// <summary>clip: bounds; null: open.</summary>
    public double? Min { get; init; }

    public double? Max { get; init; }

    /// <summary>hash: the table has 2^bits places. 1–24, default 18.</summary>
    public int Bits { get; init; } = 18;

    /// <summary>kmeans: how many clusters, 2–256.</summary>
    public int Clusters { get; init; }

    /// <summary>kmeans: seed of the first centres. Default 1.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>kmeans: draws of first centres, 1–100. Default 3.</summary>
    public int Starts { get; init; } = 3;

    /// <summary>pca: how many components; null: by the variance.</summary>
    public int? Components { get; init; }

    /// <summary>pca: the share of the variance to be explained, in (0, 1); null: by the number.</summary>
    public double? Variance { get; init; }

    /// <summary>kmeans, pca: what the names of the new columns begin with; null: the name of the stage.</summary>
    public string? Prefix { get; init; }
}

using System.Collections.Immutable;

namespace OrleansMl;

/// <summary>What a version that a job has learned comes from: enough to make it again.</summary>
[GenerateSerializer, Immutable, Alias("oml.VersionLineage")]
public sealed record VersionLineage
{
    /// <summary>The job.</summary>
    [Id(0)] public required string Job { get; init; }

    /// <summary>Id of the data set that was learned from.</summary>
    [Id(1)] public required string Dataset { get; init; }

    /// <summary>SHA-256 of its content.</summary>
    [Id(2)] public required string DatasetHash { get; init; }

    /// <summary>Rows with a truth.</summary>
    [Id(3)] public required int Rows { get; init; }

    /// <summary>Of the log: predictions from this event time on; null: from the first, or a data set was given.</summary>
    [Id(4)] public DateTime? From { get; init; }

    /// <summary>Of the log: predictions before this event time; null: to the last, or a data set was given.</summary>
    [Id(5)] public DateTime? To { get; init; }

    /// <summary>The application that declared the model; empty: none does, its head was learned.</summary>
    [Id(6)] public required string Application { get; init; }

    /// <summary>Its revision: which views, columns and pipeline were declared; 0 without one.</summary>
    [Id(7)] public required long Revision { get; init; }

    /// <summary>Of the model's features and target; columns of another lineage mean something else; 0 without an application.</summary>
    [Id(8)] public required int Features { get; init; }

    /// <summary>Type of the trainer.</summary>
    [Id(9)] public required string Trainer { get; init; }

    /// <summary>Its parameters, a JSON object.</summary>
    [Id(10)] public required string Parameters { get; init; }

    [Id(11)] public required long Seed { get; init; }

    [Id(12)] public required int Threads { get; init; }

    /// <summary>SHA-256 of all that the files depend on; empty: a program of the user's own made them.</summary>
    [Id(13)] public required string Plan { get; init; }

    /// <summary>Version of this software.</summary>
    [Id(14)] public required string Code { get; init; }

    /// <summary>What the numbers of <see cref="Importances"/> are: gain | standardized_weight; null: the trainer tells nothing of the sort, or the version is from before it did.</summary>
    [Id(15)] public string? ImportanceMeasure { get; init; }

    /// <summary>Columns as they leave the pipeline, the most important first, at most 100.</summary>
    [Id(16)] public ImmutableArray<VersionImportance> Importances { get; init; } = [];
}

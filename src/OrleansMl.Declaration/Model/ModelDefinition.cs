using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace OrleansMl.Declaration;

/// <summary>A model: what it sees, what it predicts, how it learns and is served.</summary>
public sealed record ModelDefinition
{
    public required string Name { get; init; }

    public string? Entity { get; init; }

    /// <summary>Entity type of the candidates to rank; null: none.</summary>
    public string? Candidates { get; init; }

    public ImmutableArray<FieldDefinition> Inputs { get; init; } = [];

    /// <summary>As written: <c>view:feature</c>, <c>view:*</c>, <c>type.attribute</c>, <c>type.id</c>.</summary>
    public ImmutableArray<string> Features { get; init; } = [];

    /// <summary>
    /// The columns of a vector in order: inputs, then features with wildcards resolved. Filled by validation.
    /// </summary>
    public ImmutableArray<ColumnDefinition> Columns { get; init; } = [];

    public ImmutableArray<PipelineStageDefinition> Pipeline { get; init; } = [];

    /// <summary>The columns as the pipeline leaves them. Filled by validation; no part of what was written.</summary>
    [JsonIgnore]
    public EncodedColumns Encoded { get; init; } = EncodedColumns.None;

    public TargetDefinition? Target { get; init; }

    public LearnerDefinition? Learner { get; init; }

    /// <summary>What a retraining fits; null: the learner, in epochs.</summary>
    public TrainerDefinition? Trainer { get; init; }

    /// <summary>When it is retrained, on what, and what becomes of the result; null: only as a job says that is asked for.</summary>
    public RetrainDefinition? Retrain { get; init; }

    public PromotionDefinition? Promotion { get; init; }

    public ExplorationDefinition? Exploration { get; init; }

    public ImmutableArray<PostprocessDefinition> Postprocess { get; init; } = [];

    /// <summary>What is watched for drift; none unless declared.</summary>
    public ImmutableArray<MonitorDefinition> Monitors { get; init; } = [];
}

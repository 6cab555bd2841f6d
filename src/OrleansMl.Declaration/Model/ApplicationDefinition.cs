using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace OrleansMl.Declaration;

/// <summary>An application: one YAML file, read, checked and with its defaults filled in.</summary>
public sealed record ApplicationDefinition
{
    public required string Name { get; init; }

    /// <summary>What decides that windows, times to live and attribution end.</summary>
    public Clock Clock { get; init; } = Clock.Wall;

    /// <summary>Events further ahead of the clock are refused.</summary>
    public TimeSpan MaxFuture { get; init; } = TimeSpan.FromMinutes(5);

    public ImmutableArray<EntityDefinition> Entities { get; init; } = [];

    public ImmutableArray<EventDefinition> Events { get; init; } = [];

    public ImmutableArray<ViewDefinition> Views { get; init; } = [];

    public ImmutableArray<ModelDefinition> Models { get; init; } = [];

    /// <summary>How <c>replay</c> drives a file through this application; null: not declared.</summary>
    public ReplayDefinition? Replay { get; init; }
}

/// <summary>Which clock an application lives by.</summary>
public enum Clock
{
    /// <summary>The wall clock.</summary>
    Wall,

    /// <summary>The highest event time seen by the entity.</summary>
    Event,
}

/// <summary>Type of a field, attribute or input.</summary>
public enum FieldType
{
    Float,
    Int,
    String,
    Bool,

    /// <summary>The id of an entity of type <see cref="FieldDefinition.Entity"/>.</summary>
    Ref,
}

/// <summary>A field of an event, an attribute of an entity or an input of a request.</summary>
public sealed record FieldDefinition
{
    public required string Name { get; init; }

    public required FieldType Type { get; init; }

    /// <summary>For <see cref="FieldType.Ref"/>: the entity type; else null.</summary>
    public string? Entity { get; init; }

    /// <summary>Least admissible number; null: none.</summary>
    public double? Min { get; init; }

    /// <summary>Greatest admissible number; null: none.</summary>
    public double? Max { get; init; }

    /// <summary>An item without it is refused.</summary>
    public bool Required { get; init; }
}

/// <summary>A type of entity with its attributes.</summary>
public sealed record EntityDefinition
{
    public required string Name { get; init; }

    public ImmutableArray<FieldDefinition> Attributes { get; init; } = [];
}

/// <summary>A type of event that happens to entities of one type.</summary>
public sealed record EventDefinition
{
    public required string Name { get; init; }

    public required string Entity { get; init; }

    public ImmutableArray<FieldDefinition> Fields { get; init; } = [];

    /// <summary>Events further behind the clock are refused; null: none.</summary>
    public TimeSpan? MaxAge { get; init; }
}

/// <summary>What a view folds.</summary>
public enum ViewSourceKind
{
    Event,
    Outcome,
}

/// <summary>Features of one entity type, folded from one source.</summary>
public sealed record ViewDefinition
{
    public required string Name { get; init; }

    public required string Entity { get; init; }

    public required ViewSourceKind SourceKind { get; init; }

    /// <summary>Event type or target name.</summary>
    public required string Source { get; init; }

    /// <summary>Values whose newest record is older read as expired; null: never.</summary>
    public TimeSpan? Ttl { get; init; }

    public ImmutableArray<FeatureDefinition> Features { get; init; } = [];
}

/// <summary>How values become one.</summary>
public enum Aggregation
{
    Count,
    Sum,
    Mean,
    Min,
    Max,
    Last,
    Distinct,
}

/// <summary>One feature of a view.</summary>
public sealed record FeatureDefinition
{
    public required string Name { get; init; }

    public required Aggregation Aggregation { get; init; }

    /// <summary>Field of the event, or <c>value</c> of an outcome; null only for count.</summary>
    public string? Field { get; init; }

    /// <summary>For <see cref="Aggregation.Last"/>: how many records back, 0 the newest by event time.</summary>
    public int Offset { get; init; }

    /// <summary>Length of the window; null: all records.</summary>
    public TimeSpan? Window { get; init; }

    /// <summary>
    /// False: sliding, (t − window, t]. True: tumbling, the current window, aligned to the Unix epoch:
    /// [⌊t/window⌋·window, t].
    /// </summary>
    public bool Tumbling { get; init; }

    /// <summary>Stands in for a missing or expired value; null: none. Boxed: double, string or bool.</summary>
    public object? Default { get; init; }
}

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

/// <summary>One column of a model's vector.</summary>
/// <param name="Name">Input name, <c>view:feature</c>, <c>type.attribute</c> or <c>type.id</c>.</param>
/// <param name="Type">Its type: numeric unless string or ref. Bool counts as numeric 0/1.</param>
/// <param name="IsInput">It comes with the request.</param>
public sealed record ColumnDefinition(string Name, FieldType Type, bool IsInput)
{
    public bool IsCategorical => Type is FieldType.String or FieldType.Ref;
}

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

/// <summary>Type of a target.</summary>
public enum TargetType
{
    Binary,
    Regression,

    /// <summary>More than two classes.</summary>
    Multiclass,
}

/// <summary>What is predicted, and how the truth comes back.</summary>
public sealed record TargetDefinition
{
    public required string Name { get; init; }

    public required TargetType Type { get; init; }

    /// <summary>For binary: names of [negative, positive]; empty: "0", "1". For multiclass: all names, 3 to 1,000; a label is a place among them.</summary>
    public ImmutableArray<string> Classes { get; init; } = [];

    /// <summary>How long after the prediction the truth is awaited.</summary>
    public required TimeSpan Window { get; init; }

    /// <summary>Label when none comes (place of a class, or a number); null: none, the prediction closes without.</summary>
    public double? Default { get; init; }

    /// <summary>What happens to truths about nothing predicted: learned or only counted.</summary>
    public bool OrganicLearn { get; init; }

    /// <summary>Event type that is the truth; null: truths come by <c>/outcomes</c>.</summary>
    public string? FromEvent { get; init; }

    /// <summary>Field of that event that names the candidate; null: none.</summary>
    public string? FromSubject { get; init; }

    /// <summary>The value such an event stands for.</summary>
    public double FromValue { get; init; } = 1;

    /// <summary>Sources of labels that are ranked.</summary>
    public ImmutableArray<LabelSourceDefinition> Sources { get; init; } = [];

    /// <summary>Whose label stands where sources say different things.</summary>
    public LabelConflict Conflict { get; init; }

    /// <summary>Labels of a source that is not ranked are refused; else they have the lowest priority, 0.</summary>
    public bool RefuseUnknownSources { get; init; }

    /// <summary>The learner gets the vector computed anew when the label comes, not the one that was served.</summary>
    public bool VectorAtLabel { get; init; }
}

/// <summary>A source of labels.</summary>
/// <param name="Name">As outcomes say it in <c>source</c>.</param>
/// <param name="Priority">A higher one goes before a lower one, 1 to 1,000,000.</param>
public sealed record LabelSourceDefinition(string Name, int Priority);

/// <summary>Whose label stands where sources say different things.</summary>
public enum LabelConflict
{
    /// <summary>What came last.</summary>
    Latest,

    /// <summary>What came first; its source may still set itself right.</summary>
    First,

    /// <summary>That of the source with the highest priority.</summary>
    [JsonStringEnumMemberName("highest_priority")]
    HighestPriority,

    /// <summary>What most sources say, each with one vote.</summary>
    Majority,
}

/// <summary>An online learner.</summary>
public sealed record LearnerDefinition
{
    /// <summary>logistic_regression | linear_regression.</summary>
    public required string Type { get; init; }

    /// <summary>Parameters by name; numbers as double, truth values as bool.</summary>
    public ImmutableSortedDictionary<string, object> Params { get; init; } = ImmutableSortedDictionary<string, object>.Empty;

    /// <summary>Of <c>head</c>: the registered model whose network is learned on; else null.</summary>
    public string? Of { get; init; }

    /// <summary>Of <c>head</c>: number or alias of its version; null: the champion, else the newest.</summary>
    public string? OfVersion { get; init; }

    public int Seed { get; init; } = 1;

    /// <summary>False: served after promotion. True: answers come from the learner itself.</summary>
    public bool Live { get; init; }

    /// <summary>Live only: every so many updates a snapshot becomes a version. 0: never.</summary>
    public int SnapshotEvery { get; init; }

    /// <summary>Labelled rows that fit the pipeline and make version 1.</summary>
    public int BootstrapOutcomes { get; init; } = 500;

    /// <summary>Passes over them.</summary>
    public int BootstrapEpochs { get; init; } = 1;
}

/// <summary>When a candidate becomes champion.</summary>
public sealed record PromotionDefinition
{
    /// <summary>log_loss | squared_error | absolute_error | accuracy.</summary>
    public required string Metric { get; init; }

    /// <summary>confidence_sequence | empirical_bernstein | none.</summary>
    public string Test { get; init; } = "confidence_sequence";

    public double Alpha { get; init; } = 0.05;

    public int MinOutcomes { get; init; } = 300;

    /// <summary>Outcomes after a promotion before the next may come.</summary>
    public int CooldownOutcomes { get; init; }

    /// <summary>By whose values no slice may get worse.</summary>
    public ImmutableArray<SliceDefinition> Slices { get; init; } = [];

    /// <summary>What a candidate must keep to while it is rolled out; null: nothing is stated.</summary>
    public GuardrailsDefinition? Guardrails { get; init; }

    /// <summary>Null: what the test has shown to be better becomes champion at once.</summary>
    public RolloutDefinition? Rollout { get; init; }
}

/// <summary>How candidates are explored. A parameter that is not the type's is null.</summary>
/// <param name="Type">epsilon_greedy | softmax | square_cb.</param>
/// <param name="Epsilon">epsilon_greedy: share of the draws that any candidate may win evenly.</param>
/// <param name="Lambda">softmax: probabilities in proportion to exp(λ · score).</param>
/// <param name="Scale">square_cb: γ = scale · max(1, outcomes learned)^exponent.</param>
/// <param name="Exponent">square_cb: see <paramref name="Scale"/>.</param>
/// <param name="Seed">Equal seeds and requests draw the same.</param>
public sealed record ExplorationDefinition(string Type, double? Epsilon = null, double? Lambda = null, double? Scale = null, double? Exponent = null, int Seed = 1);

/// <summary>One step after the model; exactly one member is set.</summary>
public sealed record PostprocessDefinition
{
    public CalibrateStep? Calibrate { get; init; }

    public ThresholdStep? Threshold { get; init; }

    /// <summary>Label → label.</summary>
    public ImmutableSortedDictionary<string, string>? LabelMap { get; init; }

    /// <summary><c>score</c> or a numeric column → weight.</summary>
    public ImmutableSortedDictionary<string, double>? Combine { get; init; }

    public int? TopK { get; init; }
}

/// <summary>Maps the model's probability to a calibrated one.</summary>
/// <param name="Method">platt | isotonic | temperature.</param>
/// <param name="Map">Of a version: the fitted calibrator as JSON. Null: none is fitted, and the probability stays.</param>
public sealed record CalibrateStep(string Method, string? Map = null);

/// <summary>Score below <paramref name="At"/> gives <paramref name="Below"/>, else <paramref name="Above"/>.</summary>
public sealed record ThresholdStep(double At, string Below, string Above);

/// <summary>How a CSV file goes through the loop.</summary>
public sealed record ReplayDefinition
{
    public required string EntityType { get; init; }

    /// <summary>The one entity's id; null with <see cref="EntityColumn"/>.</summary>
    public string? EntityId { get; init; }

    /// <summary>Column that holds the entity's id; null with <see cref="EntityId"/>.</summary>
    public string? EntityColumn { get; init; }

    /// <summary>Event time of row 0 (UTC), with <see cref="Step"/>; null with <see cref="TimeColumn"/>.</summary>
    public DateTime? Start { get; init; }

    public TimeSpan? Step { get; init; }

    public string? TimeColumn { get; init; }

    public required string Event { get; init; }

    /// <summary>Columns that become inputs of the prediction.</summary>
    public ImmutableArray<string> Inputs { get; init; } = [];

    public required string OutcomeTarget { get; init; }

    public required string OutcomeColumn { get; init; }
}

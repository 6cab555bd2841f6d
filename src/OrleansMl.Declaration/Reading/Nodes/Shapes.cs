using System.Collections.Immutable;
using OrleansMl.Learning;

namespace OrleansMl.Declaration;

/// <summary>Every map of an application file with its keys: what the reader knows, in one place.</summary>
internal static class Shapes
{
    public static readonly Words<Clock> Clocks = Words.Of(("wall", Clock.Wall), ("event", Clock.Event));

    public static readonly Words<FieldType> FieldTypes = Words.Of(
        ("float", FieldType.Float), ("int", FieldType.Int), ("string", FieldType.String), ("bool", FieldType.Bool), ("ref", FieldType.Ref));

    public static readonly Words<Aggregation> Aggregations = Words.Of(
        ("count", Aggregation.Count), ("sum", Aggregation.Sum), ("mean", Aggregation.Mean), ("min", Aggregation.Min),
        ("max", Aggregation.Max), ("last", Aggregation.Last), ("distinct", Aggregation.Distinct));

    public static readonly Words<TargetType> TargetTypes = Words.Of(("binary", TargetType.Binary), ("multiclass", TargetType.Multiclass), ("regression", TargetType.Regression));

    public static readonly Words<bool> Organic = Words.Of(("count", false), ("learn", true));

    public static readonly Words<LabelConflict> Conflicts = Words.Of(
        ("latest", LabelConflict.Latest), ("first", LabelConflict.First), ("highest_priority", LabelConflict.HighestPriority), ("majority", LabelConflict.Majority));

    public static readonly Words<bool> UnknownSources = Words.Of(("accept", false), ("refuse", true));

    public static readonly Words<bool> Vectors = Words.Of(("served", false), ("at_label", true));

    public static readonly Words<bool> Serve = Words.Of(("promoted", false), ("live", true));

    public static readonly Words<string> TuneMethods = Words.Same("random", "halving");

    public static readonly Words<string> TuneMetrics = Words.Same("log_loss", "accuracy", "roc_auc", "pr_auc", "brier", "rmse", "mae", "r2");

    public static readonly Words<bool> SplitBy = Words.Of(("time", false), ("random", true));

    public static readonly Words<bool> Promote = Words.Of(("auto", true), ("register", false));

    public static readonly Words<string> Metrics = Words.Same("log_loss", "accuracy", "squared_error", "absolute_error");

    public static readonly Words<string> Tests = Words.Same("confidence_sequence", "empirical_bernstein", "none");

    public static readonly Words<string> ExplorationTypes = Words.Same("epsilon_greedy", "softmax", "square_cb");

    public static readonly Words<string> CalibrationMethods = Words.Same("platt", "isotonic", "temperature");

    public static readonly Words<string> Strategies = Words.Same("mean", "median", "most_frequent", "constant");

    public static readonly Words<string> ApiVersions = Words.Same("orleansml/v1");

    public static readonly Words<string> Kinds = Words.Same("Application");

    public static readonly Words<MonitoredSeries> Series = Words.Of(
        ("loss", MonitoredSeries.Loss), ("error", MonitoredSeries.Error), ("score", MonitoredSeries.Score), ("class", MonitoredSeries.Class),
        ("label", MonitoredSeries.Label), ("features", MonitoredSeries.Features), ("missing_rate", MonitoredSeries.MissingRate));

    public static readonly Words<DriftStatisticKind> Statistics = Words.Of(
        ("psi", DriftStatisticKind.Psi), ("chi_square", DriftStatisticKind.ChiSquare), ("jensen_shannon", DriftStatisticKind.JensenShannon),
        ("hellinger", DriftStatisticKind.Hellinger), ("wasserstein", DriftStatisticKind.Wasserstein), ("kolmogorov_smirnov", DriftStatisticKind.KolmogorovSmirnov));

    public static readonly Words<DriftCorrection> Corrections = Words.Of(
        ("none", DriftCorrection.None), ("bonferroni", DriftCorrection.Bonferroni), ("holm", DriftCorrection.Holm),
        ("benjamini_hochberg", DriftCorrection.BenjaminiHochberg));

    public static readonly Shape Application = new("application", "an application",
        new("apiVersion", true, ApiVersions), new("kind", true, Kinds), new("name", true), new("clock", false, Clocks), "maxFuture",
        "entities", "events", "views", "models", "replay");

    public static readonly Shape Entity = new("entity", "an entity", new("name", true), "attributes");

    public static readonly Shape Field = new("field", "a field", new("type", true, FieldTypes), "entity", "range", "required");

    public static readonly Shape Event = new("event", "an event", new("name", true), new("entity", true), "fields", "maxAge");

    public static readonly Shape View = new("view", "a view",
        new("name", true), new("entity", true), new("source", true), "ttl", new("features", true));

    public static readonly Shape Source = new("source", "a source", "event", "outcome");

    public static readonly Shape Feature = new("feature", "a feature",
        new("agg", true, Aggregations), "field", "offset", "window", "default");

    public static readonly Shape Window = new("window", "a window", "sliding", "tumbling");

    public static readonly Shape Model = new("model", "a model",
        new("name", true), "entity", "candidates", "inputs", "features", "pipeline", "target", "learner", "trainer", "retrain", "exploration", "promotion", "postprocess", "monitors");

    public static readonly Shape Target = new("target", "a target",
        new("name", true), new("type", true, TargetTypes), "classes", new("window", true), "default", new("organic", false, Organic), "from",
        "sources", new("conflict", false, Conflicts), new("unknownSources", false, UnknownSources), new("vector", false, Vectors));

    public static readonly Shape LabelSource = new("labelSource", "a source of labels", new("name", true), new("priority", true));

    public static readonly Shape From = new("from", "a truth's source", new("event", true), "subject", "value");

    public static readonly Shape Learner = new("learner", "a learner",
        new("type", true), "of", "version", "params", "seed", new("serve", false, Serve), "snapshotEvery", "bootstrap");

    public static readonly Shape Bootstrap = new("bootstrap", "a bootstrap", "outcomes", "epochs");

    public static readonly Shape Trainer = new("trainer", "a trainer",
        new("type", true), "params", "seed", "threads", "tune", "command", "timeout", "memory");

    public static readonly Shape Tune = new("tune", "a search of parameters",
        new("method", false, TuneMethods), "trials", "seconds", new("metric", false, TuneMetrics), "folds", new("space", true));

    public static readonly Shape TuneRange = new("tuneRange", "a range to search", "log", "uniform", "int");

    public static readonly Shape Retrain = new("retrain", "a retraining",
        "window", "minRows", "split", "validate", new("promote", false, Promote), "on");

    public static readonly Shape Split = new("split", "a split", new("by", false, SplitBy), "validation", "test", "gap");

    public static readonly Shape Validate = new("validate", "a validation of data", "leakage", "missing", "skew", "duplicates", "balance");

    public static readonly Shape RetrainTrigger = new("retrainTrigger", "a trigger of retraining", "cron", "timezone", "outcomes", "alarm");

    public static readonly Shape RetrainAlarm = new("retrainAlarm", "an alarm that retrains", "monitors", "cooldown");

    public static readonly Shape Exploration = new("exploration", "an exploration",
        new("type", true, ExplorationTypes), "epsilon", "lambda", "scale", "exponent", "seed");

    public static readonly Shape Promotion = new("promotion", "a promotion",
        new("metric", true, Metrics), new("test", false, Tests), "alpha", "minOutcomes", "cooldown", "slices", "guardrails", "rollout");

    public static readonly Shape Slice = new("slice", "a slice", new("column", true), "bins");

    public static readonly Shape Guardrails = new("guardrails", "guardrails", "latency", "errors", "minAnswers");

    public static readonly Shape Latency = new("latency", "a latency", "p99", "ratio");

    public static readonly Shape Rollout = new("rollout", "a rollout", "shadow", "canary", "step", "maxTime");

    public static readonly Shape Shadow = new("shadow", "a shadow", new Key("outcomes", true));

    public static readonly Shape Step = new("step", "a step", "outcomes", "minTime");

    public static readonly Shape Postprocess = new("postprocess", "a step of postprocess", "calibrate", "threshold", "label_map", "combine", "top_k");

    public static readonly Shape Calibrate = new("calibrate", "a calibrate", new Key("method", true, CalibrationMethods));

    public static readonly Shape Threshold = new("threshold", "a threshold", new("at", true), new("below", true), new("above", true));

    public static readonly Shape TopK = new("top_k", "a top_k", new Key("k", true));

    public static readonly Shape Monitor = new("monitor", "a monitor",
        new("name", true), new("on", true, Series), "columns", "detector", new("statistic", false, Statistics), "threshold", "chunk", "reference",
        new("correction", false, Corrections), "persistence", "cooldown");

    public static readonly Shape MonitorDetector = new("monitorDetector", "a monitor's detector", new("type", true), "params");

    public static readonly Shape MonitorThreshold = new("monitorThreshold", "a monitor's threshold", "constant", "alpha", "deviations");

    public static readonly Shape MonitorChunk = new("monitorChunk", "a monitor's chunk", "rows", "period");

    public static readonly Shape MonitorReference = new("monitorReference", "a monitor's reference", "rows", "from", "to");

    public static readonly Shape Replay = new("replay", "a replay",
        new("entity", true), new("time", true), new("event", true), "inputs", new("outcome", true));

    public static readonly Shape ReplayEntity = new("replayEntity", "a replay's entity", new("type", true), "id", "column");

    public static readonly Shape ReplayTime = new("replayTime", "a replay's time", "start", "step", "column");

    public static readonly Shape ReplayOutcome = new("replayOutcome", "a replay's outcome", new("target", true), new("column", true));

    public static readonly Shape Stage = new("stage", "a stage of the pipeline",
        "impute", "standard_scale", "min_max_scale", "one_hot", "ordinal", "log", "clip", "cross", "hash", "kmeans", "pca");

    public static readonly Shape Impute = new("impute", "an impute stage", new("columns", true), new("strategy", false, Strategies), "value");

    public static readonly Shape StandardScale = new("standard_scale", "a standard_scale stage", new Key("columns", true));

    public static readonly Shape MinMaxScale = new("min_max_scale", "a min_max_scale stage", new Key("columns", true));

    public static readonly Shape OneHot = new("one_hot", "a one_hot stage", new("columns", true), "categories");

    public static readonly Shape Ordinal = new("ordinal", "an ordinal stage", new("columns", true), "categories");

    public static readonly Shape Log = new("log", "a log stage", new("columns", true), "offset");

    public static readonly Shape Clip = new("clip", "a clip stage", new("columns", true), "min", "max");

    public static readonly Shape Cross = new("cross", "a cross stage", new Key("columns", true));

    public static readonly Shape Hash = new("hash", "a hash stage", new("columns", true), "bits");

    public static readonly Shape KMeans = new("kmeans", "a kmeans stage", new("columns", true), new("k", true), "seed", "starts", "prefix");

    public static readonly Shape Pca = new("pca", "a pca stage", new("columns", true), "components", "variance", "prefix");

    public static ImmutableArray<Shape> All { get; } =
    [
        Application, Entity, Field, Event, View, Source, Feature, Window, Model, Target, From, LabelSource, Learner, Bootstrap, Exploration,
        Trainer, Tune, TuneRange, Retrain, Split, Validate, RetrainTrigger, RetrainAlarm,
        Promotion, Slice, Guardrails, Latency, Rollout, Shadow, Step, Postprocess, Calibrate, Threshold, TopK, Replay, ReplayEntity, ReplayTime, ReplayOutcome,
        Monitor, MonitorDetector, MonitorThreshold, MonitorChunk, MonitorReference,
        Stage, Impute, StandardScale, MinMaxScale, OneHot, Ordinal, Log, Clip, Cross, Hash, KMeans, Pca,
    ];
}

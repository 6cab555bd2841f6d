using System.Collections.Immutable;
using OrleansMl.Services;
using OrleansMl.Storage;

namespace OrleansMl.Gateway.Tests;

/// <summary>Values that the fakes answer with.</summary>
internal static class Samples
{
    public static DateTime Time { get; } = new(2026, 1, 31, 8, 30, 0, 250, DateTimeKind.Utc);

    public static VersionManifest Simple { get; } = new()
    {
        Model = "simple",
        Version = 1,
        Digest = "d1",
        ArtifactSha256 = "a1",
        Inputs = [new("INPUT0", "INT32", [-1, 16]), new("INPUT1", "INT32", [-1, 16])],
        Outputs = [new("OUTPUT0", "INT32", [-1, 16]), new("OUTPUT1", "INT32", [-1, 16])],
        Tags = ImmutableSortedDictionary<string, string>.Empty.Add("team", "a/b"),
    };

    public static ModelInfo Model { get; } = new("electricity", ImmutableSortedDictionary<string, int>.Empty.Add("champion", 2), 5,
    [
        new(Simple with { Model = "electricity", Version = 1, Pipeline = "[{\"impute\":{}}]" }, VersionState.Unloaded, null, Time),
        new(Simple with { Model = "electricity", Version = 2, Parent = 1 }, VersionState.Available, null, Time),
    ]);

    public static PromotionEvidence Evidence { get; } = new("confidence_sequence", "log_loss", 300, 0.02, 0.01, 0.03, 0.05)
    {
        Slices = [new SliceEvidence("segment=gold", 20, -0.1, double.MinValue, double.MaxValue, "open")],
        Guardrails = [new GuardrailEvidence("errors", 120, 0, 0.01, "kept")],
        DroppedSlices = ["segment=tin"],
    };

    public static Promotion Promotion { get; } = new(1, 1, 2, Time, "trainer", "promoted", "better", Evidence) { PlanRevision = 5 };

    public static Rollout Rollout { get; } = new()
    {
        Id = 3,
        Model = "electricity",
        Candidate = 2,
        Champion = 1,
        By = "trainer",
        Reason = "better",
        Started = Time,
        Why = "12 of 200 outcomes are there",
        Steps = [new RolloutStep { Stage = "shadow", Weight = 0, Entered = Time, Left = Time, Action = "step", Reason = "enough", Evidence = Evidence }, new RolloutStep { Stage = "canary", Weight = 0.05, Entered = Time }],
    };

    public static LearnerStatus Learner { get; } = new()
    {
        Model = "electricity",
        State = "learning",
        Examples = 12,
        Losses = [new("learner", "log_loss", 0.3, double.NaN, 0.31, 12), new("learner", "accuracy", 0.9, 0.9, 0.9, 12), new("noChange", "accuracy", 0.85, 0.85, 0.85, 12)],
        ChampionVersion = 2,
        Revision = 12,
    };

    public static LoggedPrediction Logged(int i) => new(
        new PredictionRecord
        {
            PredictionId = "p" + i,
            Model = "electricity",
            Version = 2,
            EntityKey = "market:NSW",
            Target = "up",
            Time = Time,
            Created = Time,
            Vector = ReadOnlyMemory<byte>.Empty,
            Response = ReadOnlyMemory<byte>.Empty,
            Score = 0.25,
            State = PredictionState.Labelled,
            OutcomeSource = "api",
        },
        new EntityId("market", "NSW"),
        [new("day", Scalar.Of(3), FeatureStatus.Present, null, false)],
        Scalar.Of("UP"))
    {
        Answer = i == 1 ? new PredictResponse { PredictionId = "p1", Model = "electricity", Label = "DOWN", Score = 0.25 } : null,
    };
}

using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace OrleansMl.Rollouts;

/// <summary>
/// Counts, in this silo, how the versions of rollouts score what they are asked: as they answer, and as they shadow. Nothing is
/// counted of a model that nothing is rolled out of, and each stage begins at zero.
/// </summary>
internal sealed class ServedAnswers
{
    private readonly ConcurrentDictionary<string, Stage> _stages = new(StringComparer.Ordinal);

    /// <summary>A version has scored a request.</summary>
    public void Answered(ServingPlan plan, int version, TimeSpan time)
    {
        if (TallyOf(plan, version) is not { } tally)
            return;
        Interlocked.Increment(ref tally.Answered);
        tally.Times.Add(time);
    }

    /// <summary>A version could not score a request.</summary>
    public void Failed(ServingPlan plan, int version)
    {
        if (TallyOf(plan, version) is { } tally)
            Interlocked.Increment(ref tally.Failed);
    }

    /// <summary>What was counted in a stage.</summary>
    public RolloutAnswers Read(string model, RolloutMark mark) => _stages.TryGetValue(model, out var stage) && stage.Mark == mark
        ? new RolloutAnswers(stage.Champion.Read(), stage.Candidate.Read())
        : RolloutAnswers.None;

    private Tally? TallyOf(ServingPlan plan, int version)
    {
        if (plan.Rollout is not { } mark)
            return null;
        if (!_stages.TryGetValue(plan.Model, out var stage) || stage.Mark != mark)
        {
            // Requests on an older view must not begin an older stage again.
            stage = _stages.AddOrUpdate(plan.Model, _ => new Stage(mark), (_, known) => IsAfter(mark, known.Mark) ? new Stage(mark) : known);
            if (stage.Mark != mark)
                return null;
        }

        return version == mark.Champion ? stage.Champion : version == mark.Candidate ? stage.Candidate : null;
    }

    private static bool IsAfter(RolloutMark mark, RolloutMark known) => (mark.Id, mark.Stage).CompareTo((known.Id, known.Stage)) > 0;

    private sealed class Stage(RolloutMark mark)
    {
        public RolloutMark Mark { get; } = mark;

        public Tally Champion { get; } = new();

        public Tally Candidate { get; } = new();
    }

    private sealed class Tally
    {
        public long Answered;
        public long Failed;

        public LatencyCounts Times { get; } = new();

        public AnswerCounts Read() => Volatile.Read(ref Answered) is var answered and > 0
            ? new AnswerCounts(answered, Volatile.Read(ref Failed), ImmutableArray.Create(Times.Snapshot()))
            : new AnswerCounts(0, Volatile.Read(ref Failed), []);
    }
}

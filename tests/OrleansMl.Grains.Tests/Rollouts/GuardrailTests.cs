using FsCheck;
using FsCheck.Fluent;
using OrleansMl.Declaration;
using OrleansMl.Rollouts;

namespace OrleansMl.Grains.Tests.Rollouts;

public sealed class GuardrailTests
{
    private static readonly RolloutMark Mark = new(1, 1, 1, 2);

    private static readonly GuardrailsDefinition Limits = new() { LatencyP99 = 20, LatencyRatio = 1.5, Errors = 0.1, MinAnswers = 100 };

    [Fact]
    public void A_quantile_lies_at_most_nine_percent_above_the_true_one()
    {
        var times = Gen.Choose(2, 2_000_000).NonEmptyListOf();
        Prop.ForAll(times.ToArbitrary(), microseconds =>
        {
            var counts = new LatencyCounts();
            foreach (var time in microseconds)
                counts.Add(TimeSpan.FromMicroseconds(time));
            var sorted = microseconds.Order().ToArray();
            var exact = sorted[(int)Math.Ceiling(0.99 * sorted.Length) - 1] / 1e6;
            Assert.InRange(LatencyCounts.Quantile(counts.Snapshot(), 0.99)!.Value / exact, 0.9999, 1.0906);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Counts_of_silos_add_up_whichever_way()
    {
        var (one, other) = (Answers(100, 3, 5), Answers(40, 1, 50));
        var sum = one.Add(other);
        Assert.Equal((140, 4), (sum.Answered, sum.Failed));
        Assert.Equal(sum.P99, other.Add(one).P99);
        Assert.InRange(sum.P99!.Value, 50, 54.6);
        Assert.Equal(one.P99, one.Add(AnswerCounts.None).P99);
    }

    [Theory]
    [InlineData(100, 0, 10.0, 10.0, "kept", "kept", "kept")]
    [InlineData(99, 0, 10.0, 10.0, "open", "open", "open")]
    [InlineData(100, 0, 30.0, 30.0, "violated", "kept", "kept")]
    [InlineData(100, 0, 18.0, 10.0, "kept", "violated", "kept")]
    [InlineData(100, 20, 10.0, 10.0, "kept", "kept", "violated")]
    [InlineData(5, 11, 10.0, 10.0, "open", "open", "violated")]
    public void Limits_decide_once_there_are_enough_answers(int answered, int failed, double candidateMs, double championMs, string p99, string ratio, string errors)
    {
        var entries = GuardrailCheck.Of(Limits, new RolloutAnswers(Answers(100, 0, championMs), Answers(answered, failed, candidateMs)));
        Assert.Equal(["latency.p99", "latency.ratio", "errors"], entries.Select(e => e.Name));
        Assert.Equal([p99, ratio, errors], entries.Select(e => e.Verdict));
    }

    [Fact]
    public void A_stage_begins_at_zero_and_an_older_view_counts_for_nothing()
    {
        var answers = new ServedAnswers();
        var plan = ServingPlan.Empty("m") with { Rollout = Mark };
        answers.Answered(plan, 2, TimeSpan.FromMilliseconds(1));
        answers.Failed(plan, 2);
        answers.Answered(plan, 1, TimeSpan.FromMilliseconds(1));
        answers.Answered(plan, 7, TimeSpan.FromMilliseconds(1));
        var read = answers.Read("m", Mark);
        Assert.Equal((1, 1, 1), (read.Candidate.Answered, read.Candidate.Failed, read.Champion.All));

        var next = Mark with { Stage = 2 };
        answers.Answered(plan with { Rollout = next }, 2, TimeSpan.FromMilliseconds(1));
        answers.Answered(plan, 2, TimeSpan.FromMilliseconds(1));
        Assert.Equal((1, 0), (answers.Read("m", next).Candidate.All, answers.Read("m", Mark).Candidate.All));
        answers.Answered(ServingPlan.Empty("m"), 2, TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, answers.Read("m", next).Candidate.All);
    }

    private static AnswerCounts Answers(int answered, int failed, double milliseconds)
    {
        var answers = new ServedAnswers();
        var plan = ServingPlan.Empty("m") with { Rollout = Mark };
        for (var i = 0; i < answered; i++)
            answers.Answered(plan, 2, TimeSpan.FromMilliseconds(milliseconds));
        for (var i = 0; i < failed; i++)
            answers.Failed(plan, 2);
        return answers.Read("m", Mark).Candidate;
    }
}

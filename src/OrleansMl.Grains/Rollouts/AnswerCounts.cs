using System.Collections.Immutable;

namespace OrleansMl.Rollouts;

/// <summary>How a version has answered.</summary>
/// <param name="Answered">Requests that it has scored.</param>
/// <param name="Failed">Requests that it could not score.</param>
/// <param name="Times">How long those answered took, by bucket of <see cref="LatencyCounts"/>; empty: none was answered.</param>
[GenerateSerializer, Immutable, Alias("oml.AnswerCounts")]
internal sealed record AnswerCounts([property: Id(0)] long Answered, [property: Id(1)] long Failed, [property: Id(2)] ImmutableArray<long> Times)
{
    public static AnswerCounts None { get; } = new(0, 0, []);

    /// <summary>All requests.</summary>
    public long All => Answered + Failed;

    /// <summary>99th percentile of the scoring time in milliseconds; null: nothing was answered.</summary>
    public double? P99 => LatencyCounts.Quantile(Times.AsSpan(), 0.99) * 1000;

    /// <summary>The sum of two silos' counts.</summary>
    public AnswerCounts Add(AnswerCounts other)
    {
        if (Times.IsEmpty || other.Times.IsEmpty)
            return new AnswerCounts(Answered + other.Answered, Failed + other.Failed, Times.IsEmpty ? other.Times : Times);
        var times = new long[Times.Length];
        for (var i = 0; i < times.Length; i++)
            times[i] = Times[i] + other.Times[i];
        return new AnswerCounts(Answered + other.Answered, Failed + other.Failed, [.. times]);
    }
}

/// <summary>The two versions of a rollout in one of its stages.</summary>
[GenerateSerializer, Immutable, Alias("oml.RolloutAnswers")]
internal sealed record RolloutAnswers([property: Id(0)] AnswerCounts Champion, [property: Id(1)] AnswerCounts Candidate)
{
    public static RolloutAnswers None { get; } = new(AnswerCounts.None, AnswerCounts.None);

    public RolloutAnswers Add(RolloutAnswers other) => new(Champion.Add(other.Champion), Candidate.Add(other.Candidate));
}

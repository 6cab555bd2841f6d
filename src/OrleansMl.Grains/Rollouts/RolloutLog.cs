namespace OrleansMl.Rollouts;

/// <summary>What the rollouts of a model store.</summary>
[GenerateSerializer, Alias("oml.RolloutLog")]
public sealed class RolloutLog
{
    /// <summary>Oldest first; the last one may be under way.</summary>
    [Id(0)] public List<Rollout> Rollouts { get; set; } = [];

    /// <summary>Never given twice.</summary>
    [Id(1)] public int LastId { get; set; }

    /// <summary>Sequence, in the model's stream of answers with their truths, of the last one that counts here.</summary>
    [Id(2)] public long Sequence { get; set; }

    /// <summary>The paired comparison since the rollout began.</summary>
    [Id(3)] public byte[]? Paired { get; set; }

    /// <summary>Losses of the champion's own answers in this stage.</summary>
    [Id(4)] public byte[]? ChampionServed { get; set; }

    /// <summary>Losses of the candidate's own answers in this stage.</summary>
    [Id(5)] public byte[]? CandidateServed { get; set; }
}

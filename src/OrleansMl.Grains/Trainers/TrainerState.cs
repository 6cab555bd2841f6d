namespace OrleansMl.Trainers;

/// <summary>
/// What a trainer stores, as of <see cref="Offset"/>: examples after it are read again after a restart, those up to it
/// never count twice.
/// </summary>
[GenerateSerializer, Alias("oml.TrainerState")]
public sealed class TrainerState
{
    [Id(0)] public int Lineage { get; set; }

    /// <summary>Sequence, in the model's stream, of the last example that counts in this state.</summary>
    [Id(1)] public long Offset { get; set; }

    [Id(2)] public bool Paused { get; set; }

    /// <summary>Why learning stopped by itself; null: it did not.</summary>
    [Id(3)] public string? Failure { get; set; }

    /// <summary>The fitted pipeline as JSON; null while bootstrapping.</summary>
    [Id(4)] public string? Pipeline { get; set; }

    /// <summary>The learner with its optimiser; null while bootstrapping.</summary>
    [Id(5)] public byte[]? Learner { get; set; }

    /// <summary>The learner as the champion was cut from it.</summary>
    [Id(6)] public byte[]? Champion { get; set; }

    [Id(7)] public int? ChampionVersion { get; set; }

    [Id(8)] public int? CandidateVersion { get; set; }

    /// <summary>Prequential figures by predictor.</summary>
    [Id(9)] public Dictionary<string, byte[]> Evaluations { get; set; } = [];

    /// <summary>The running comparison with the champion.</summary>
    [Id(10)] public byte[]? Comparison { get; set; }

    /// <summary>Outcomes to pass before the next promotion may come.</summary>
    [Id(11)] public int Cooldown { get; set; }

    [Id(12)] public long Examples { get; set; }

    /// <summary>State of the baseline that repeats the last label.</summary>
    [Id(13)] public byte[]? NoChange { get; set; }

    /// <summary>State of the baseline that answers the mean of the labels.</summary>
    [Id(14)] public byte[]? Prior { get; set; }

    [Id(15)] public long Revision { get; set; }

    /// <summary>The bootstrap is over, and the version that it made is not champion yet.</summary>
    [Id(16)] public bool AwaitsFirstVersion { get; set; }

    /// <summary>Rises whenever the learner is put back or forgets.</summary>
    [Id(40)] public long Generation { get; set; }

    /// <summary>The last version that was cut from the learner and became champion.</summary>
    [Id(41)] public int? BaseVersion { get; set; }

    /// <summary>The learner as that version was cut from it, where this is not <see cref="Champion"/>.</summary>
    [Id(42)] public byte[]? Base { get; set; }

    /// <summary>Whether a live learner is worse than its base.</summary>
    [Id(43)] public byte[]? Guard { get; set; }

    /// <summary>Updates since the last version, of a live learner.</summary>
    [Id(44)] public long SinceVersion { get; set; }

    /// <summary>Why a live learner was last put back; null: it was not since its base was cut.</summary>
    [Id(45)] public string? Alarm { get; set; }

    /// <summary>Of the examples, those whose vector was computed anew when the label came.</summary>
    [Id(17)] public long Recomputed { get; set; }

    /// <summary>Rises with each activation that registers or promotes: a model refuses one that was replaced.</summary>
    [Id(30)] public long Epoch { get; set; }

    /// <summary>The version that is rolled out; null: none is.</summary>
    [Id(31)] public int? RolloutVersion { get; set; }

    /// <summary>The learner as that version was cut from it.</summary>
    [Id(32)] public byte[]? RolloutLearner { get; set; }

    /// <summary>The newest predictions and labels that a calibration is fitted on; null: none is declared.</summary>
    [Id(50)] public byte[]? CalibrationPairs { get; set; }

    /// <summary>The network whose head is learned; null: none is, or it is not chosen yet.</summary>
    [Id(60)] public HeadBase? Network { get; set; }
}

namespace OrleansMl.Trainers;

/// <summary>What a trainer does next.</summary>
internal enum TrainerStep
{
    None,
    Bootstrap,
    Promote,

    /// <summary>A live learner has made so many updates that its state becomes a version.</summary>
    Snapshot,

    /// <summary>A live learner is worse than its base, or unusable: it goes back there.</summary>
    PutBack,
}

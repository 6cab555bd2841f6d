using OrleansMl.Learning;

namespace OrleansMl.Trainers;

/// <remarks>
/// A candidate that is rolled out: the learner as it was registered is kept beside the one that learns on, as the champion that it
/// may become.
/// </remarks>
internal sealed partial class OnlineTrainer
{
    private byte[]? _candidate;

    /// <summary>The version that is rolled out; null: none is.</summary>
    public int? CandidateVersion { get; private set; }

    /// <summary>Why what is better over all rows is not promoted; null: nothing holds it.</summary>
    public string? Held => _comparison switch
    {
        _ when CandidateVersion is { } version => $"version {version} is being rolled out",
        { IsBetter: true, WorseSlice: { } slice } => $"the learner is better over all rows, and worse where {slice}",
        _ => null,
    };

    /// <summary>The learner as it stands is rolled out as this version: no other one is offered until that has ended.</summary>
    public void MarkCandidate(int version) => (CandidateVersion, _candidate) = (version, _learner!.Save());

    /// <summary>The rollout has ended: the candidate is champion, as it was registered.</summary>
    public void MarkCandidateChampion()
    {
        var (version, candidate) = (CandidateVersion!.Value, _candidate!);
        (CandidateVersion, _candidate) = (null, null);
        MarkChampion(version);
        _champion = LearnerFactory.Restore(candidate);
    }

    /// <summary>
    /// The candidate did not come through, or could not be offered: what had shown it to be better is spent, and the next one has
    /// to show it anew.
    /// </summary>
    public void Withdraw()
    {
        (CandidateVersion, _candidate) = (null, null);
        _comparison = null;
        Cooldown = _model.Definition.Promotion?.CooldownOutcomes ?? 0;
    }

    private void RestoreCandidate(TrainerState state) => (CandidateVersion, _candidate) = (state.RolloutVersion, state.RolloutLearner);

    private void SaveCandidate(TrainerState state) => (state.RolloutVersion, state.RolloutLearner) = (CandidateVersion, _candidate);
}

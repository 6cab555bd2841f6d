using OrleansMl.Learning;

namespace OrleansMl.Rollouts;

/// <summary>
/// Losses of two versions on the rows that each has answered itself, which are others' rows: an unpaired comparison. Each mean
/// has an asymptotic confidence sequence at half the level, so that their difference is bounded at the level, at every look.
/// </summary>
internal sealed class ServedComparison
{
    private const int Target = 500;

    private readonly AsymptoticConfidenceSequence _champion;
    private readonly AsymptoticConfidenceSequence _candidate;

    public ServedComparison(double alpha)
        : this(Make(alpha), Make(alpha))
    {
    }

    private ServedComparison(AsymptoticConfidenceSequence champion, AsymptoticConfidenceSequence candidate) => (_champion, _candidate) = (champion, candidate);

    /// <summary>Truths about the candidate's answers.</summary>
    public long Count => _candidate.Count;

    public Verdict Verdict =>
        _candidate.Lower - _champion.Upper > 0 ? Verdict.Worse
        : _champion.Lower - _candidate.Upper > 0 ? Verdict.Better
        : Verdict.Open;

    public void Add(double loss, bool isCandidate) => (isCandidate ? _candidate : _champion).Add(loss);

    /// <summary>By how much the candidate's mean loss lies above the champion's.</summary>
    public GuardrailEvidence Evidence()
    {
        var excess = _candidate.Mean - _champion.Mean;
        return new GuardrailEvidence("served.loss", Count, double.IsFinite(excess) ? excess : null, 0, Verdict switch
        {
            Verdict.Worse => "violated",
            _ when double.IsInfinity(_candidate.Lower) || double.IsInfinity(_champion.Lower) => "open",
            _ => "kept",
        });
    }

    public (byte[] Champion, byte[] Candidate) Save() => (_champion.Save(), _candidate.Save());

    public static ServedComparison Restore(byte[] champion, byte[] candidate) =>
        new(AsymptoticConfidenceSequence.Restore(champion), AsymptoticConfidenceSequence.Restore(candidate));

    private static AsymptoticConfidenceSequence Make(double alpha) => new(alpha / 2, Target, BoundSides.One);
}

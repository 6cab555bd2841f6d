using OrleansMl.Learning;

namespace OrleansMl.Trainers;

/// <summary>
/// Whether a live learner has become worse than the version that it was last cut into: a sequential test of
/// loss(version) − loss(learner) on the same rows. It begins anew every <see cref="Window"/> rows, lest an old gain hide a
/// new harm; its level is small, since it is asked for ever.
/// </summary>
internal sealed class LearnerGuard
{
    public const double Alpha = 0.001;
    public const int MinRows = 100;
    public const int Window = 5000;

    private AsymptoticConfidenceSequence _gain;

    public LearnerGuard() => _gain = Begin();

    private LearnerGuard(AsymptoticConfidenceSequence gain) => _gain = gain;

    /// <summary>The learner is worse, with confidence.</summary>
    public bool IsWorse => _gain.Count >= MinRows && _gain.Upper < 0;

    /// <summary>Rows compared.</summary>
    public long Count => _gain.Count;

    /// <summary>Mean gain of the learner; below 0 it is worse.</summary>
    public double Mean => _gain.Mean;

    public void Add(double gain)
    {
        if (_gain.Count >= Window)
            _gain = Begin();
        _gain.Add(gain);
    }

    public byte[] Save() => _gain.Save();

    public static LearnerGuard Restore(ReadOnlySpan<byte> state) => new(AsymptoticConfidenceSequence.Restore(state));

    private static AsymptoticConfidenceSequence Begin() => new(Alpha, 1000, BoundSides.One);
}

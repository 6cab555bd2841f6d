namespace OrleansMl.Learning;

/// <summary>How sets of parameters are tried.</summary>
public enum TuningMethod : byte
{
    /// <summary>Each with the whole resource (Bergstra and Bengio, JMLR 2012).</summary>
    Random,

    /// <summary>All with a little, the best with more: see <see cref="Halving"/>.</summary>
    Halving,
}

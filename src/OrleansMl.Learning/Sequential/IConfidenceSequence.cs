namespace OrleansMl.Learning;

/// <summary>Bounds of a mean that hold at all times together, so that one may look after every value and stop at will.</summary>
public interface IConfidenceSequence
{
    /// <summary>Probability that the bounds ever fail.</summary>
    double Alpha { get; }

    /// <summary>n.</summary>
    long Count { get; }

    /// <summary>NaN before the first value.</summary>
    double Mean { get; }

    double Lower { get; }

    double Upper { get; }

    /// <summary>Takes one value.</summary>
    void Add(double value);

    /// <summary>Versioned bytes.</summary>
    byte[] Save();
}

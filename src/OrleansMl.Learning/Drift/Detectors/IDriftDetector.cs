namespace OrleansMl.Learning;

/// <summary>
/// Watches one stream of numbers (errors, losses, a feature) for a change of its distribution. Tiny, deterministic, not
/// thread-safe; all its state can be kept and goes on bit for bit.
/// </summary>
public interface IDriftDetector
{
    /// <summary>Name in application files.</summary>
    string Type { get; }

    /// <summary>Values since the start or the last reset.</summary>
    long Count { get; }

    /// <summary>True where the last value raised the alarm. The next value then starts a fresh detector.</summary>
    bool InDrift { get; }

    /// <summary>True while the detector suspects a change; false for detectors that know no warning.</summary>
    bool InWarning { get; }

    /// <summary>What was compared at the last judgement; no part of the saved state. Zero before the first.</summary>
    DriftReading Reading { get; }

    /// <summary>Takes the next value.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not finite, or not 0 or 1 for a detector of errors.</exception>
    void Update(double value);

    /// <summary>Forgets all values; options, reference and random state stay.</summary>
    void Reset();

    /// <summary>Versioned bytes for <see cref="DriftDetectors.Restore"/>.</summary>
    byte[] Save();
}

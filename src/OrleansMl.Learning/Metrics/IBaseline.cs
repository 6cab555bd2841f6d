namespace OrleansMl.Learning;

/// <summary>A predictor from past labels alone, which every model is shown beside.</summary>
public interface IBaseline
{
    /// <summary>no_change | prior | majority.</summary>
    string Name { get; }

    /// <summary>Labels learned.</summary>
    long Count { get; }

    /// <summary>Probability or value before the next label. Never changes the baseline.</summary>
    double Predict();

    /// <summary>Takes the next label.</summary>
    void Learn(double label);

    /// <summary>Versioned bytes.</summary>
    byte[] Save();
}

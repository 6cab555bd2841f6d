namespace OrleansMl.Learning;

/// <summary>From the linear prediction to the answer.</summary>
public enum Link : byte
{
    /// <summary>The linear prediction itself.</summary>
    Identity,

    /// <summary>1 / (1 + e^−z): a probability.</summary>
    Logistic,
}

namespace OrleansMl.Learning;

/// <summary>A weight with its optimiser's state, side by side in memory because they are used together.</summary>
internal struct WeightSlot
{
    public double Weight;

    /// <summary>Sum of squared gradients.</summary>
    public double Adaptive;

    /// <summary>Largest |x| seen.</summary>
    public double Scale;

    /// <summary>Step size of the example that is being learned: found when it is measured, used when it is applied; no state.</summary>
    public double Rate;

    public readonly bool IsUntouched => Weight == 0 && Adaptive == 0 && Scale == 0;
}

namespace OrleansMl.Learning;

/// <summary>A weight with its optimiser's state, side by side in memory because they are used together.</summary>
internal struct WeightSlot
{
    public double Weight;

    /// <summary>Sum of squared gradients.</summary>
    public double Adaptive;

    /// <summary>Largest |x| seen.</summary>
    public double Scale;

    public readonly bool IsUntouched => Weight == 0 && Adaptive == 0 && Scale == 0;
}

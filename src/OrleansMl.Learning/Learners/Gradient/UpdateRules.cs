using System.Runtime.CompilerServices;

namespace OrleansMl.Learning;

/// <summary>
/// How a gradient moves one weight. Implemented by structs, so that the loop over features is compiled once per rule with
/// the rule inside.
/// </summary>
internal interface IUpdateRule
{
    /// <summary>The rule for step <paramref name="step"/>, from 1.</summary>
    void Begin(long step);

    /// <summary>Takes one gradient.</summary>
    void Apply(ref OptimizerSlot slot, double gradient);
}

/// <summary>A weight with its optimiser's state, side by side in memory because they are used together.</summary>
internal struct OptimizerSlot
{
    public double Weight;

    /// <summary>AdaGrad: sum of squared gradients. Adam: mean gradient. FTRL: z.</summary>
    public double First;

    /// <summary>Adam: mean squared gradient. FTRL: sum of squared gradients.</summary>
    public double Second;

    public static void Write(BinaryWriter writer, OptimizerSlot slot)
    {
        writer.Write(slot.Weight);
        writer.Write(slot.First);
        writer.Write(slot.Second);
    }

    public static OptimizerSlot Read(BinaryReader reader)
        => new() { Weight = reader.ReadDouble(), First = reader.ReadDouble(), Second = reader.ReadDouble() };
}

/// <summary>w ← w − η g.</summary>
internal struct PlainRule(double rate) : IUpdateRule
{
    public readonly void Begin(long step)
    {
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Apply(ref OptimizerSlot slot, double gradient) => slot.Weight -= rate * gradient;
}

/// <summary>AdaGrad (Duchi, Hazan and Singer, 2011): w ← w − η g / √(Σg² + ε).</summary>
internal struct AdaGradRule(double rate, double epsilon) : IUpdateRule
{
    public readonly void Begin(long step)
    {
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Apply(ref OptimizerSlot slot, double gradient)
    {
        slot.First += gradient * gradient;
        slot.Weight -= rate / Math.Sqrt(slot.First + epsilon) * gradient;
    }
}

/// <summary>
/// Adam (Kingma and Ba, 2014, the form before section 2.1). The corrections count the learner's steps; means of a feature that is
/// not in the row stand still.
/// </summary>
internal struct AdamRule(double rate, double beta1, double beta2, double epsilon) : IUpdateRule
{
    /// <summary>1 − β^step is 1 in double, whatever follows, once β^step is under 2^−54; 60 keeps off the edge.</summary>
    private const double BitsOfNothing = 60;

    private readonly double _settled1 = -BitsOfNothing / Math.Log2(beta1);
    private readonly double _settled2 = -BitsOfNothing / Math.Log2(beta2);
    private double _rate;

    public void Begin(long step) => _rate = rate * Math.Sqrt(Rest(beta2, _settled2, step)) / Rest(beta1, _settled1, step);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Apply(ref OptimizerSlot slot, double gradient)
    {
        slot.First = (beta1 * slot.First) + ((1 - beta1) * gradient);
        slot.Second = (beta2 * slot.Second) + ((1 - beta2) * gradient * gradient);
        slot.Weight -= _rate * slot.First / (Math.Sqrt(slot.Second) + epsilon);
    }

    private static double Rest(double beta, double settled, long step) => step > settled ? 1 : 1 - Math.Pow(beta, step);
}

/// <summary>
/// FTRL-Proximal (McMahan et al., KDD 2013, algorithm 1). Lagged: as River writes it, the weight is found from z before the
/// gradient counts, so that predictions are one step behind.
/// </summary>
internal struct FtrlRule(double alpha, double beta, double l1, double l2, bool lagged) : IUpdateRule
{
    // (β + √n)/α + λ₂ with one division less for each weight.
    private readonly double _inverse = 1 / alpha;
    private readonly double _offset = (beta / alpha) + l2;

    public readonly void Begin(long step)
    {
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Apply(ref OptimizerSlot slot, double gradient)
    {
        var rootBefore = Math.Sqrt(slot.Second);
        if (lagged && Math.Abs(slot.First) > l1)
            slot.Weight = Weight(slot.First, rootBefore);
        slot.Second += gradient * gradient;
        var root = Math.Sqrt(slot.Second);
        slot.First += gradient - ((root - rootBefore) * _inverse * slot.Weight);
        if (!lagged)
            slot.Weight = Math.Abs(slot.First) <= l1 ? 0 : Weight(slot.First, root);
    }

    private readonly double Weight(double z, double root) => (Math.CopySign(l1, z) - z) / (_offset + (root * _inverse));
}

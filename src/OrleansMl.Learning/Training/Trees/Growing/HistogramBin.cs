using System.Runtime.InteropServices;

namespace OrleansMl.Learning;

/// <summary>Sums over the rows of a leaf that fall into one bin of a feature: one vector of 32 bytes, so that a row is added by one instruction.</summary>
[StructLayout(LayoutKind.Sequential, Size = 32)]
internal struct HistogramBin
{
    public long Gradient;
    public long Hessian;
    public long Count;

    public readonly GradientPair Sums => new(Gradient, Hessian);
}

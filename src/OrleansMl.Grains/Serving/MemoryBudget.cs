using System.Globalization;

namespace OrleansMl.Serving;

/// <summary>Whose memory is limited, in the words of messages.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Setting">What sets it.</param>
public sealed record MemoryBudget(string Name, string Setting)
{
    /// <summary>The process's.</summary>
    public static MemoryBudget Process { get; } = new("the memory budget", "Serving:MemoryBudgetBytes");

    /// <summary>A GPU's, as far as this silo takes it.</summary>
    /// <param name="number">As CUDA counts them.</param>
    public static MemoryBudget OfGpu(int number) => new(string.Create(CultureInfo.InvariantCulture, $"the limit for memory of GPU {number}"), "Serving:Devices:GpuMemoryLimitBytes");
}

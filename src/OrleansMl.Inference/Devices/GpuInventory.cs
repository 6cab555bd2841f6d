using System.Collections.Immutable;
using Microsoft.ML.OnnxRuntime;

namespace OrleansMl.Inference;

/// <summary>What GPUs this process has, and whether the runtime can use them. Asking loads the driver and the runtime's GPU libraries.</summary>
public static class GpuInventory
{
    private static readonly ModelSignature s_nothing = new([], [], ImmutableSortedDictionary<string, string>.Empty);

    /// <summary>Names of NVIDIA's GPUs by number; empty: there are none, or their driver is missing.</summary>
    public static ImmutableArray<string> Gpus => CudaDriver.Instance is { } driver ? [.. Enumerable.Range(0, driver.DeviceCount).Select(driver.NameOf)] : [];

    /// <summary>A GPU was asked for in this process.</summary>
    public static bool IsTouched => CudaDriver.IsTouched;

    /// <summary>Why a device cannot be had; null: it can, as far as is known without a model.</summary>
    public static string? WhyNot(DeviceId device)
    {
        if (!device.IsGpu)
            return null;
        try
        {
            using var native = new SessionOptions();
            SessionOpener.AddProviders(native, device, s_nothing, OnnxModelOptions.Default);
            return null;
        }
        catch (ModelLoadException exception)
        {
            return exception.Message;
        }
    }
}

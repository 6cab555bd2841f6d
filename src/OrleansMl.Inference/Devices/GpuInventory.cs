using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.ML.OnnxRuntime;

namespace OrleansMl.Inference;

/// <summary>What GPUs this process has, and whether the runtime can use them. Asking loads the driver and the runtime's GPU libraries.</summary>
public static class GpuInventory
{
    private static readonly ModelSignature s_nothing = new([], [], ImmutableSortedDictionary<string, string>.Empty);

    // Held for good: where no session has one open, each look would make a context, and its memory would count as the next session's.
    private static readonly ConcurrentDictionary<int, GpuContext> s_contexts = new();

    /// <summary>Names of NVIDIA's GPUs by number; empty: there are none, or their driver is missing.</summary>
    public static ImmutableArray<string> Gpus => CudaDriver.Instance is { } driver ? [.. Enumerable.Range(0, driver.DeviceCount).Select(driver.NameOf)] : [];

    /// <summary>A GPU was asked for in this process.</summary>
    public static bool IsTouched => CudaDriver.IsTouched;

    /// <summary>Bytes of memory that are free on a GPU, whoever takes the others; null: there is no such GPU, or its driver does not say.</summary>
    /// <param name="number">As CUDA counts them.</param>
    public static long? FreeBytes(int number)
    {
        if (CudaDriver.Instance is not { } driver)
            return null;
        try
        {
            if (!s_contexts.TryGetValue(number, out var context))
            {
                context = new GpuContext(driver, number);
                if (!s_contexts.TryAdd(number, context))
                {
                    context.Dispose();
                    context = s_contexts[number];
                }
            }

            context.Enter();
            return driver.FreeBytes();
        }
        catch (InferenceRunException)
        {
            return null;
        }
    }

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

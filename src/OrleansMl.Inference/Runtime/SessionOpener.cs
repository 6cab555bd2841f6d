using System.Globalization;
using Microsoft.ML.OnnxRuntime;

namespace OrleansMl.Inference;

/// <summary>Opens sessions of the runtime: options of ours into its own, its refusals into words of ours.</summary>
internal static class SessionOpener
{
    /// <summary>Opens a session on the device, or on the one that it may fall back to.</summary>
    /// <exception cref="ModelLoadException">Refused, with the code and the reason.</exception>
    public static (InferenceSession Session, DeviceId Device, string? FallbackReason) Open(byte[] model, ModelSignature signature, OnnxModelOptions options)
    {
        if (!DeviceId.TryParse(options.Device, out var device))
            throw new ModelLoadException(InspectCodes.DeviceUnavailable, $"There is no device '{options.Device}'; write {DeviceId.Forms}.");
        string? reason = null;
        while (true)
        {
            try
            {
                return (OpenOn(device, model, signature, options), device, reason);
            }
            catch (ModelLoadException exception) when (exception.Code == InspectCodes.DeviceUnavailable && options.Fallback == DeviceFallback.Cpu)
            {
                reason = reason is null ? exception.Message : $"{reason} {exception.Message}";
                device = device.Kind == DeviceKind.TensorRt ? DeviceId.Cuda(device.Number) : DeviceId.Cpu;
            }
        }
    }

    /// <summary>Options of the runs of a session.</summary>
    public static RunOptions RunOptionsOf(OnnxModelOptions options, DeviceId device)
    {
        var run = new RunOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
        if (options.ShrinksArena)
            run.AddRunConfigEntry("memory.enable_memory_arena_shrinkage", ShrinkageOf(options, device));
        return run;
    }

    private static string ShrinkageOf(OnnxModelOptions options, DeviceId device)
    {
        var gpu = device.IsGpu ? string.Create(CultureInfo.InvariantCulture, $"gpu:{device.Number}") : null;
        return !options.MemoryArena ? gpu ?? "" : gpu is null ? "cpu:0" : "cpu:0;" + gpu;
    }

    private static InferenceSession OpenOn(DeviceId device, byte[] model, ModelSignature signature, OnnxModelOptions options)
    {
        // First, whoever needs them: afterwards the runtime makes an environment of its own.
        var areThreadsShared = RuntimeThreads.IsShared && options.IntraOpThreads is null;
        using var native = new SessionOptions
        {
            EnableCpuMemArena = options.MemoryArena,
            EnableMemoryPattern = options.MemoryPattern,
            ExecutionMode = options.ParallelBranches ? ExecutionMode.ORT_PARALLEL : ExecutionMode.ORT_SEQUENTIAL,
            // What fails is thrown; nothing is to be printed beside.
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
            GraphOptimizationLevel = options.GraphOptimization switch
            {
                GraphOptimization.None => GraphOptimizationLevel.ORT_DISABLE_ALL,
                GraphOptimization.Basic => GraphOptimizationLevel.ORT_ENABLE_BASIC,
                GraphOptimization.Extended => GraphOptimizationLevel.ORT_ENABLE_EXTENDED,
                _ => GraphOptimizationLevel.ORT_ENABLE_ALL,
            },
        };
        if (areThreadsShared && !options.ParallelBranches)
        {
            native.DisablePerSessionThreads();
        }
        else
        {
            (native.IntraOpNumThreads, native.InterOpNumThreads) = (options.IntraOpThreads ?? 0, options.InterOpThreads);
            native.AddSessionConfigEntry("session.intra_op.allow_spinning", options.SpinningThreads ? "1" : "0");
            native.AddSessionConfigEntry("session.inter_op.allow_spinning", options.SpinningThreads ? "1" : "0");
        }

        foreach (var (key, value) in options.SessionEntries)
            native.AddSessionConfigEntry(key, value);
        AddProviders(native, device, signature, options);
        try
        {
            return new InferenceSession(model, native);
        }
        catch (OnnxRuntimeException exception) when (device.IsGpu && options.CudaGraphRows.Length > 0 && exception.Message.Contains("graph capture", StringComparison.OrdinalIgnoreCase))
        {
            throw GpuSession.Unfit(RuntimeWords.Of(exception), exception);
        }
        catch (OnnxRuntimeException exception) when (device.IsGpu && IsOfGpu(exception.Message))
        {
            throw Unavailable(device, exception);
        }
        catch (OnnxRuntimeException exception)
        {
            throw new ModelLoadException(InspectCodes.LoadFailed, $"The runtime refuses the model: {exception.Message}", exception);
        }
    }

    /// <summary>The first takes what it can of the graph, the next what is left; the CPU is always last, and needs no word.</summary>
    /// <exception cref="ModelLoadException">The device cannot be had.</exception>
    internal static void AddProviders(SessionOptions native, DeviceId device, ModelSignature signature, OnnxModelOptions options)
    {
        if (!device.IsGpu)
            return;
        var isGraph = options.CudaGraphRows.Length > 0;
        try
        {
            if (device.Kind == DeviceKind.TensorRt)
            {
                using var tensorRt = new OrtTensorRTProviderOptions();
                tensorRt.UpdateOptions(options.TensorRt.ToProviderOptions(device.Number, isGraph, signature));
                native.AppendExecutionProvider_Tensorrt(tensorRt);
            }

            using var cuda = new OrtCUDAProviderOptions();
            cuda.UpdateOptions(options.Cuda.ToProviderOptions(device.Number, isGraph && device.Kind == DeviceKind.Cuda));
            native.AppendExecutionProvider_CUDA(cuda);
        }
        catch (Exception exception) when (exception is OnnxRuntimeException or EntryPointNotFoundException or DllNotFoundException)
        {
            throw Unavailable(device, exception);
        }
    }

    private static bool IsOfGpu(string message) =>
        message.Contains("CUDA", StringComparison.OrdinalIgnoreCase) || message.Contains("TensorRT", StringComparison.OrdinalIgnoreCase) || message.Contains("cuDNN", StringComparison.OrdinalIgnoreCase);

    private static ModelLoadException Unavailable(DeviceId device, Exception exception) => new(
        InspectCodes.DeviceUnavailable,
        $"Device '{device}' cannot be had: {RuntimeWords.Of(exception)}. {WhatElse(exception)}, choose 'cpu', or allow the fall-back to it.",
        exception);

    private static string WhatElse(Exception exception) => exception.Message.Contains("Invalid device ID", StringComparison.Ordinal)
        ? "Name a GPU that this machine has"
        : "Build with the GPU runtime (-p:OmlGpu=true) and install the libraries that docs/gpu.md names";
}

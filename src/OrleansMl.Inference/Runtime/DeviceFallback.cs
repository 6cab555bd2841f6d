namespace OrleansMl.Inference;

/// <summary>What to do when a device cannot be had.</summary>
public enum DeviceFallback
{
    /// <summary>The model is not loaded.</summary>
    Refuse,

    /// <summary>It runs on the CPU, and says so. By way of TensorRT: by CUDA on the same GPU where that can be had.</summary>
    Cpu,
}

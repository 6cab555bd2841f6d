namespace OrleansMl.Inference;

/// <summary>What a session runs on.</summary>
public enum DeviceKind
{
    Cpu,

    /// <summary>A GPU, by the runtime's CUDA provider.</summary>
    Cuda,

    /// <summary>A GPU, by TensorRT; what that does not take runs by the CUDA provider on the same GPU.</summary>
    TensorRt,
}

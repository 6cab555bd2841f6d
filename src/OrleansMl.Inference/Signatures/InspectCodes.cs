namespace OrleansMl.Inference;

/// <summary>Why a file or a device is refused, as the interface names it.</summary>
public static class InspectCodes
{
    /// <summary>The bytes are no ONNX model with a graph.</summary>
    public const string NotOnnx = "not_onnx";

    /// <summary>A tensor's data, or a part of the graph, lies in another file.</summary>
    public const string ExternalData = "external_data";

    /// <summary>An input is no tensor, or of an element type that the protocol lacks; or no output can be given as tensors.</summary>
    public const string UnsupportedType = "unsupported_type";

    /// <summary>More bytes than allowed.</summary>
    public const string TooLarge = "too_large";

    /// <summary>The runtime refuses the graph: an unknown operator, a type conflict, a newer format.</summary>
    public const string LoadFailed = "load_failed";

    /// <summary>The device asked for cannot be had, and falling back was not allowed.</summary>
    public const string DeviceUnavailable = "device_unavailable";

    /// <summary>The model cannot be captured as a CUDA graph.</summary>
    public const string CudaGraphUnfit = "cuda_graph_unfit";
}

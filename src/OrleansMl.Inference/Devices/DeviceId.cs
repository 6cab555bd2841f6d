using System.Globalization;

namespace OrleansMl.Inference;

/// <summary>A device as it is written: <c>cpu</c>, <c>cuda:N</c>, <c>tensorrt:N</c>.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Number">Of the GPU, as CUDA counts them; 0 for the CPU.</param>
public readonly record struct DeviceId(DeviceKind Kind, int Number)
{
    /// <summary>How a device is written, for errors.</summary>
    public const string Forms = "'cpu', 'cuda:N' or 'tensorrt:N'";

    private const string CudaPrefix = "cuda:";
    private const string TensorRtPrefix = "tensorrt:";

    public static DeviceId Cpu { get; }

    public bool IsGpu => Kind != DeviceKind.Cpu;

    public static DeviceId Cuda(int number) => new(DeviceKind.Cuda, number);

    public static DeviceId TensorRt(int number) => new(DeviceKind.TensorRt, number);

    /// <summary>Reads what <see cref="ToString"/> writes; false for anything else.</summary>
    public static bool TryParse(string? text, out DeviceId device)
    {
        device = Cpu;
        if (text is null or "cpu")
            return text is not null;
        var (kind, prefix) = text.StartsWith(CudaPrefix, StringComparison.Ordinal) ? (DeviceKind.Cuda, CudaPrefix) : (DeviceKind.TensorRt, TensorRtPrefix);
        if (!text.StartsWith(prefix, StringComparison.Ordinal) || !int.TryParse(text.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return false;
        device = new DeviceId(kind, number);
        return true;
    }

    public override string ToString() => Kind switch
    {
        DeviceKind.Cpu => "cpu",
        DeviceKind.Cuda => string.Create(CultureInfo.InvariantCulture, $"{CudaPrefix}{Number}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{TensorRtPrefix}{Number}"),
    };
}

namespace OrleansMl.Inference;

/// <summary>The driver's context of one GPU, held while a session uses it.</summary>
internal sealed class GpuContext : IDisposable
{
    private readonly nint _handle;

    /// <exception cref="InferenceRunException">There is no such GPU.</exception>
    public GpuContext(CudaDriver driver, int number)
    {
        (Driver, Number) = (driver, number);
        _handle = driver.RetainContext(number);
    }

    public CudaDriver Driver { get; }

    /// <summary>Of the GPU.</summary>
    public int Number { get; }

    /// <summary>What follows on this thread is meant for this GPU.</summary>
    public void Enter() => Driver.Enter(_handle);

    public void Dispose() => Driver.ReleaseContext(Number);
}

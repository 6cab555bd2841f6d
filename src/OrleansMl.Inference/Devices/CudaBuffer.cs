namespace OrleansMl.Inference;

/// <summary>Memory of a GPU with a page-locked counterpart here, of one tensor. For one run at a time.</summary>
internal sealed unsafe class CudaBuffer : IDisposable
{
    private readonly CudaDriver _driver;
    private readonly nint _pinned;

    /// <param name="driver">Entered already.</param>
    /// <param name="bytes">≥ 0; at least one is taken, since the runtime wants an address even for no elements.</param>
    /// <param name="isPinned">With the counterpart.</param>
    public CudaBuffer(CudaDriver driver, long bytes, bool isPinned)
    {
        (_driver, Bytes) = (driver, Math.Max(1, bytes));
        Address = driver.Allocate(Bytes);
        try
        {
            _pinned = isPinned ? driver.AllocatePinned(Bytes) : 0;
        }
        catch
        {
            driver.Free(Address);
            throw;
        }
    }

    /// <summary>On the GPU.</summary>
    public nint Address { get; }

    /// <summary>Its size.</summary>
    public long Bytes { get; }

    public void Write(ReadOnlySpan<byte> data)
    {
        if (_pinned == 0)
        {
            _driver.CopyToDevice(Address, data, isPinned: false);
            return;
        }

        var staged = new Span<byte>((void*)_pinned, data.Length);
        data.CopyTo(staged);
        _driver.CopyToDevice(Address, staged, isPinned: true);
    }

    public byte[] Read(int bytes)
    {
        var data = GC.AllocateUninitializedArray<byte>(bytes);
        if (_pinned == 0)
        {
            _driver.CopyToHost(data, Address);
            return data;
        }

        var staged = new Span<byte>((void*)_pinned, bytes);
        _driver.CopyToHost(staged, Address);
        staged.CopyTo(data);
        return data;
    }

    /// <summary>The context must have been entered.</summary>
    public void Dispose()
    {
        _driver.Free(Address);
        if (_pinned != 0)
            _driver.FreePinned(_pinned);
    }
}

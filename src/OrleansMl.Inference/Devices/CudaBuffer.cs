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

    /// <summary>The bytes are on the GPU when the stream is synchronized; <paramref name="data"/> is free at once.</summary>
    public void Write(ReadOnlySpan<byte> data, nint stream)
    {
        if (_pinned != 0)
        {
            data.CopyTo(new Span<byte>((void*)_pinned, data.Length));
            _driver.CopyToDevice(Address, (void*)_pinned, data.Length, stream);
            return;
        }

        fixed (byte* from = data)
        {
            _driver.CopyToDevice(Address, from, data.Length, stream);
            _driver.Synchronize(stream);
        }
    }

    /// <summary>Queues what <see cref="Read"/> then finds here, once the stream is synchronized.</summary>
    public void Fetch(int bytes, nint stream)
    {
        if (_pinned != 0)
            _driver.CopyToHost((void*)_pinned, Address, bytes, stream);
    }

    /// <summary>After <see cref="Fetch"/> of as many bytes.</summary>
    public byte[] Read(int bytes, nint stream)
    {
        var data = GC.AllocateUninitializedArray<byte>(bytes);
        if (_pinned != 0)
        {
            new Span<byte>((void*)_pinned, bytes).CopyTo(data);
            return data;
        }

        fixed (byte* to = data)
        {
            _driver.CopyToHost(to, Address, bytes, stream);
            _driver.Synchronize(stream);
        }

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

using System.Runtime.InteropServices;

namespace OrleansMl.Inference;

/// <summary>
/// The few calls of NVIDIA's driver that the runtime's own API lacks: memory of the GPU at an address that stays, page-locked
/// memory, copies between them. The driver is there wherever the CUDA provider works, and its interface does not change with
/// the CUDA version. Source: NVIDIA, CUDA Driver API. Nothing is loaded before a GPU is asked for.
/// </summary>
internal sealed unsafe class CudaDriver
{
    private static readonly Lazy<CudaDriver?> s_loaded = new(Load);

    private readonly delegate* unmanaged<int*, int> _deviceGetCount;
    private readonly delegate* unmanaged<int*, int, int> _deviceGet;
    private readonly delegate* unmanaged<byte*, int, int, int> _deviceGetName;
    private readonly delegate* unmanaged<nint*, int, int> _contextRetain;
    private readonly delegate* unmanaged<int, int> _contextRelease;
    private readonly delegate* unmanaged<nint, int> _contextSetCurrent;
    private readonly delegate* unmanaged<nuint*, nuint*, int> _memoryInfo;
    private readonly delegate* unmanaged<nint*, nuint, int> _allocate;
    private readonly delegate* unmanaged<nint, int> _free;
    private readonly delegate* unmanaged<nint*, nuint, uint, int> _allocatePinned;
    private readonly delegate* unmanaged<nint, int> _freePinned;
    private readonly delegate* unmanaged<nint, void*, nuint, nint, int> _copyToDevice;
    private readonly delegate* unmanaged<void*, nint, nuint, nint, int> _copyToHost;
    private readonly delegate* unmanaged<nint*, uint, int> _streamCreate;
    private readonly delegate* unmanaged<nint, int> _streamDestroy;
    private readonly delegate* unmanaged<nint, int> _synchronize;
    private readonly delegate* unmanaged<int, byte**, int> _errorName;

    private CudaDriver(nint library)
    {
        _deviceGetCount = (delegate* unmanaged<int*, int>)Find("cuDeviceGetCount");
        _deviceGet = (delegate* unmanaged<int*, int, int>)Find("cuDeviceGet");
        _deviceGetName = (delegate* unmanaged<byte*, int, int, int>)Find("cuDeviceGetName");
        _contextRetain = (delegate* unmanaged<nint*, int, int>)Find("cuDevicePrimaryCtxRetain");
        _contextRelease = (delegate* unmanaged<int, int>)Find("cuDevicePrimaryCtxRelease_v2");
        _contextSetCurrent = (delegate* unmanaged<nint, int>)Find("cuCtxSetCurrent");
        _memoryInfo = (delegate* unmanaged<nuint*, nuint*, int>)Find("cuMemGetInfo_v2");
        _allocate = (delegate* unmanaged<nint*, nuint, int>)Find("cuMemAlloc_v2");
        _free = (delegate* unmanaged<nint, int>)Find("cuMemFree_v2");
        _allocatePinned = (delegate* unmanaged<nint*, nuint, uint, int>)Find("cuMemHostAlloc");
        _freePinned = (delegate* unmanaged<nint, int>)Find("cuMemFreeHost");
        _copyToDevice = (delegate* unmanaged<nint, void*, nuint, nint, int>)Find("cuMemcpyHtoDAsync_v2");
        _copyToHost = (delegate* unmanaged<void*, nint, nuint, nint, int>)Find("cuMemcpyDtoHAsync_v2");
        _streamCreate = (delegate* unmanaged<nint*, uint, int>)Find("cuStreamCreate");
        _streamDestroy = (delegate* unmanaged<nint, int>)Find("cuStreamDestroy_v2");
        _synchronize = (delegate* unmanaged<nint, int>)Find("cuStreamSynchronize");
        _errorName = (delegate* unmanaged<int, byte**, int>)Find("cuGetErrorName");
        var initialize = (delegate* unmanaged<uint, int>)Find("cuInit");
        Check(initialize(0), "cuInit");

        nint Find(string name) => NativeLibrary.GetExport(library, name);
    }

    /// <summary>A GPU was asked for, so that the driver was looked for.</summary>
    public static bool IsTouched => s_loaded.IsValueCreated;

    /// <summary>Null: there is no driver, or no GPU that it can use.</summary>
    public static CudaDriver? Instance => s_loaded.Value;

    /// <summary>GPUs that the driver shows to this process.</summary>
    public int DeviceCount
    {
        get
        {
            int count;
            return _deviceGetCount(&count) == 0 ? count : 0;
        }
    }

    /// <summary>A GPU's name, such as <c>NVIDIA L4</c>.</summary>
    public string NameOf(int number)
    {
        int device;
        Check(_deviceGet(&device, number), "cuDeviceGet");
        var name = stackalloc byte[256];
        Check(_deviceGetName(name, 256, device), "cuDeviceGetName");
        return Marshal.PtrToStringUTF8((nint)name) ?? "";
    }

    /// <summary>The context that the runtime uses on a GPU; to be given back.</summary>
    public nint RetainContext(int number)
    {
        int device;
        nint context;
        Check(_deviceGet(&device, number), "cuDeviceGet");
        Check(_contextRetain(&context, device), "cuDevicePrimaryCtxRetain");
        return context;
    }

    public void ReleaseContext(int number)
    {
        int device;
        if (_deviceGet(&device, number) == 0)
            _ = _contextRelease(device);
    }

    /// <summary>What follows on this thread is meant for this context.</summary>
    public void Enter(nint context) => Check(_contextSetCurrent(context), "cuCtxSetCurrent");

    /// <summary>Bytes that are free on the GPU of the context that was entered, whoever takes the others.</summary>
    public long FreeBytes()
    {
        nuint free, total;
        Check(_memoryInfo(&free, &total), "cuMemGetInfo");
        return (long)free;
    }

    public nint Allocate(long bytes)
    {
        nint address;
        Check(_allocate(&address, (nuint)bytes), "cuMemAlloc");
        return address;
    }

    public void Free(nint address) => _ = _free(address);

    /// <summary>Memory of this process that stays where it is, and that a GPU reads and writes without the processor.</summary>
    public nint AllocatePinned(long bytes)
    {
        // 1: portable, for every context.
        nint address;
        Check(_allocatePinned(&address, (nuint)bytes, 1), "cuMemHostAlloc");
        return address;
    }

    public void FreePinned(nint address) => _ = _freePinned(address);

    /// <summary>A queue of copies that waits for no other: the default one would have all threads' copies go one by one.</summary>
    public nint CreateStream()
    {
        // 1: not in step with the default stream.
        nint stream;
        Check(_streamCreate(&stream, 1), "cuStreamCreate");
        return stream;
    }

    public void DestroyStream(nint stream) => _ = _streamDestroy(stream);

    /// <summary>Returns when all that was queued is done.</summary>
    public void Synchronize(nint stream) => Check(_synchronize(stream), "cuStreamSynchronize");

    /// <summary>Queues a copy to the GPU.</summary>
    /// <param name="to">On the GPU.</param>
    /// <param name="from">Here; stays where it is until the stream is synchronized.</param>
    /// <param name="stream">The queue.</param>
    public void CopyToDevice(nint to, void* from, int bytes, nint stream) => Check(_copyToDevice(to, from, (nuint)bytes, stream), "cuMemcpyHtoDAsync");

    /// <summary>Queues a copy from the GPU.</summary>
    /// <inheritdoc cref="CopyToDevice"/>
    public void CopyToHost(void* to, nint from, int bytes, nint stream) => Check(_copyToHost(to, from, (nuint)bytes, stream), "cuMemcpyDtoHAsync");

    private static CudaDriver? Load()
    {
        if (!NativeLibrary.TryLoad(OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1", out var library))
            return null;
        try
        {
            return new CudaDriver(library);
        }
        catch (Exception exception) when (exception is EntryPointNotFoundException or InferenceRunException)
        {
            // A driver older than this uses, or without a GPU.
            return null;
        }
    }

    private void Check(int result, string call)
    {
        if (result == 0)
            return;
        byte* name;
        var text = _errorName(result, &name) == 0 ? Marshal.PtrToStringUTF8((nint)name) : null;
        throw new InferenceRunException($"The GPU's driver failed: {call}: {text ?? $"error {result}"}");
    }
}

using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;

namespace OrleansMl.Gateway.Hosting;

/// <summary>
/// Memory for what comes and goes by the network. Kestrel's own blocks have 4 KiB, and each read from a socket fills one: a tensor
/// of an image would take 150 reads. These have 32 KiB.
/// </summary>
internal sealed class TransportBlocks : MemoryPool<byte>
{
    private const int BlockBytes = 32 * 1024;

    /// <summary>Blocks that are kept while nobody needs them: 16 MiB.</summary>
    private const int MostKept = 512;

    private readonly ConcurrentQueue<Block> _free = [];
    private int _kept;
    private volatile bool _isDisposed;

    public override int MaxBufferSize => BlockBytes;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, BlockBytes);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (!_free.TryDequeue(out var block))
            return new Block(this);
        Interlocked.Decrement(ref _kept);
        return block;
    }

    protected override void Dispose(bool disposing)
    {
        _isDisposed = true;
        _free.Clear();
    }

    private void Return(Block block)
    {
        if (_isDisposed)
            return;
        if (Interlocked.Increment(ref _kept) <= MostKept)
            _free.Enqueue(block);
        else
            Interlocked.Decrement(ref _kept);
    }

    /// <summary>One pool for each use, as Kestrel asks for them.</summary>
    internal sealed class Factory : IMemoryPoolFactory<byte>
    {
        public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => new TransportBlocks();
    }

    /// <summary>Pinned: the socket writes into it while nothing else holds it in its place.</summary>
    private sealed class Block(TransportBlocks pool) : IMemoryOwner<byte>
    {
        public Memory<byte> Memory { get; } = MemoryMarshal.CreateFromPinnedArray(GC.AllocateUninitializedArray<byte>(BlockBytes, pinned: true), 0, BlockBytes);

        public void Dispose() => pool.Return(this);
    }
}

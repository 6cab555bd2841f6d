using System.Buffers;
using System.IO.Pipelines;
using OrleansMl.Gateway.Hosting;

namespace OrleansMl.Gateway.Tests;

/// <summary>The memory of the network.</summary>
public sealed class TransportBlocksTests
{
    [Fact]
    public void Blocks_have_one_size_are_used_again_and_are_refused_beyond_it()
    {
        using var pool = new TransportBlocks.Factory().Create();
        var first = pool.Rent(1);
        Assert.Equal(pool.MaxBufferSize, first.Memory.Length);
        using var other = pool.Rent();
        Assert.NotSame(first, other);
        first.Dispose();
        Assert.Same(first, pool.Rent(pool.MaxBufferSize));
        Assert.Throws<ArgumentOutOfRangeException>(() => pool.Rent(pool.MaxBufferSize + 1));
    }

    [Fact]
    public async Task A_pipe_offers_a_reader_of_a_socket_a_whole_block_and_keeps_what_was_written()
    {
        using var pool = new TransportBlocks.Factory().Create();
        var pipe = new Pipe(new PipeOptions(pool, pauseWriterThreshold: 0, minimumSegmentSize: 4096));
        var sent = Enumerable.Range(0, 3 * pool.MaxBufferSize).Select(i => (byte)(i * 31)).ToArray();
        for (var at = 0; at < sent.Length;)
        {
            var room = pipe.Writer.GetMemory(2048);
            var part = Math.Min(room.Length, sent.Length - at);
            sent.AsMemory(at, part).CopyTo(room);
            pipe.Writer.Advance(part);
            at += part;
        }

        await pipe.Writer.CompleteAsync();
        var read = await pipe.Reader.ReadAtLeastAsync(sent.Length);
        Assert.Equal(sent, read.Buffer.ToArray());
        var segments = 0;
        foreach (var _ in read.Buffer)
            segments++;
        Assert.Equal(3, segments);
        pipe.Reader.AdvanceTo(read.Buffer.End);
        await pipe.Reader.CompleteAsync();
    }

    [Fact]
    public void A_disposed_pool_gives_nothing_and_takes_back_what_is_out()
    {
        var pool = new TransportBlocks.Factory().Create();
        var block = pool.Rent();
        pool.Dispose();
        block.Dispose();
        Assert.Throws<ObjectDisposedException>(() => pool.Rent());
    }
}

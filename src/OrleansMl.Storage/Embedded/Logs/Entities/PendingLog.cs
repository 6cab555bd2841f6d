using System.Runtime.InteropServices;

namespace OrleansMl.Storage.Embedded.Logs.Entities;

/// <summary>Committed chunks of one log that are not in pages. The writer adds and removes, any thread reads.</summary>
internal sealed class PendingLog(long pk)
{
    private readonly List<LogChunk> _chunks = [];

    public long Pk => pk;

    public bool IsEmpty
    {
        get
        {
            lock (_chunks)
                return _chunks.Count == 0;
        }
    }

    /// <summary>Sequence of the last record; 0: none is pending.</summary>
    public long Last
    {
        get
        {
            lock (_chunks)
                return _chunks.Count == 0 ? 0 : _chunks[^1].Last;
        }
    }

    public void Add(LogChunk chunk)
    {
        lock (_chunks)
            _chunks.Add(chunk);
    }

    /// <summary>Lets go of chunks that are in pages.</summary>
    public void RemoveThrough(long sequence)
    {
        lock (_chunks)
            _chunks.RemoveRange(0, IndexAfter(sequence));
    }

    /// <summary>The chunks that hold records after a sequence, and where the first of all begins.</summary>
    /// <param name="sequence">0: all.</param>
    /// <param name="most">How many chunks are wanted at most.</param>
    /// <param name="first">Sequence at which the first pending chunk begins; the largest number: none is pending.</param>
    public LogChunk[] After(long sequence, int most, out long first)
    {
        lock (_chunks)
        {
            first = _chunks.Count == 0 ? long.MaxValue : _chunks[0].First;
            var index = IndexAfter(sequence);
            return [.. CollectionsMarshal.AsSpan(_chunks).Slice(index, Math.Min(most, _chunks.Count - index))];
        }
    }

    private int IndexAfter(long sequence)
    {
        var (low, high) = (0, _chunks.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_chunks[middle].Last <= sequence)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}

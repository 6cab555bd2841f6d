using System.Diagnostics;

namespace OrleansMl.Inference;

/// <summary>
/// Waiting requests that may share a batch, in the order in which they are to run: by level; within a level those in time
/// before those delayed; then by arrival.
/// </summary>
internal sealed class ShapeGroup(bool isAlone, int levels)
{
    // Two lanes for each level: in time, delayed.
    private readonly LinkedList<PendingRequest>?[] _lanes = new LinkedList<PendingRequest>?[2 * levels];

    /// <summary>What its requests have in common.</summary>
    public BatchKey Key { get; set; } = null!;

    /// <summary>It is one request that shares with none.</summary>
    public bool IsAlone => isAlone;

    public long Rows { get; private set; }

    public int Count { get; private set; }

    /// <summary>The request that goes first.</summary>
    public PendingRequest First
    {
        get
        {
            foreach (var lane in _lanes)
            {
                if (lane?.First is { } first)
                    return first.Value;
            }

            throw new UnreachableException("A group without requests is not kept.");
        }
    }

    public void Add(PendingRequest request)
    {
        (_lanes[LaneOf(request)] ??= new LinkedList<PendingRequest>()).AddLast(request.Node);
        Rows += request.Rows;
        Count++;
    }

    public void Remove(PendingRequest request)
    {
        request.Node.List!.Remove(request.Node);
        Rows -= request.Rows;
        Count--;
    }

    /// <summary>Puts a request behind those of its level that are in time.</summary>
    public void Delay(PendingRequest request)
    {
        Remove(request);
        request.IsDelayed = true;
        Add(request);
    }

    /// <summary>This group's first request goes before the other's.</summary>
    public bool GoesBefore(ShapeGroup other)
    {
        var (mine, theirs) = (First, other.First);
        var lanes = LaneOf(mine) - LaneOf(theirs);
        return lanes != 0 ? lanes < 0 : mine.Sequence < theirs.Sequence;
    }

    /// <summary>Arrival of the request that came first; null when one has outlived its timeout and so waits for no company.</summary>
    public TimeSpan? Oldest()
    {
        TimeSpan? oldest = null;
        for (var lane = 0; lane < _lanes.Length; lane++)
        {
            if (_lanes[lane]?.First is not { } first)
                continue;
            if (lane % 2 == 1)
                return null;
            if (oldest is null || first.Value.Arrival < oldest)
                oldest = first.Value.Arrival;
        }

        return oldest;
    }

    /// <summary>How many requests, from the first, fill a batch.</summary>
    /// <param name="maxRows">Rows of the largest batch.</param>
    /// <param name="preferredRows">Ascending.</param>
    /// <param name="preferred">How many of them fill the largest preferred size that can be met; 0: none can.</param>
    public int Fill(int maxRows, ReadOnlySpan<int> preferredRows, out int preferred)
    {
        preferred = 0;
        var (rows, count) = (0, 0);
        foreach (var lane in _lanes)
        {
            for (var node = lane?.First; node is not null; node = node.Next)
            {
                // A later one that would fit must not pass this one: it would wait for ever among many small ones.
                if (rows + node.Value.Rows > maxRows)
                    return count;
                rows += node.Value.Rows;
                count++;
                if (preferredRows.Contains(rows))
                    preferred = count;
            }
        }

        return count;
    }

    /// <summary>Takes the first requests out.</summary>
    public PendingRequest[] Take(int count)
    {
        var requests = new PendingRequest[count];
        var at = 0;
        foreach (var lane in _lanes)
        {
            for (; at < count && lane?.First is { } node; at++)
            {
                lane.RemoveFirst();
                Rows -= node.Value.Rows;
                requests[at] = node.Value;
            }
        }

        Count -= count;
        return requests;
    }

    private static int LaneOf(PendingRequest request) => (2 * (request.Level - 1)) + (request.IsDelayed ? 1 : 0);
}

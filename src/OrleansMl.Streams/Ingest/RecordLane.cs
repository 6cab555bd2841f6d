using System.Runtime.InteropServices;

namespace OrleansMl.Streams;

/// <summary>What waits of one key, and what is applied of it now.</summary>
internal sealed class RecordLane
{
    public string Key { get; set; } = "";

    public List<LaneRecord> Waiting { get; private set; } = [];

    /// <summary>What the present turn applies.</summary>
    public List<LaneRecord> Batch { get; private set; } = [];

    /// <summary>It counts among the calls that may run at once.</summary>
    public bool HasPlace { get; set; }

    public int Capacity => Waiting.Capacity + Batch.Capacity;

    /// <summary>Moves what waits into the batch, which is empty, up to a number.</summary>
    public void TakeBatch(int most)
    {
        if (Waiting.Count <= most)
        {
            (Batch, Waiting) = (Waiting, Batch);
            return;
        }

        Batch.AddRange(CollectionsMarshal.AsSpan(Waiting)[..most]);
        Waiting.RemoveRange(0, most);
    }
}

using System.Diagnostics.CodeAnalysis;
using OrleansMl.Inference;

namespace OrleansMl.Serving;

/// <summary>
/// The statistics of versions from their first load in this process on: they outlast another configuration, an eviction, and an
/// unload with another load behind it, as the counts of Triton's statistics extension only ever grow. Those of versions that are not
/// in memory are kept for the ones that left last. Thread-safe.
/// </summary>
/// <param name="instruments">Where batches count beside; null: nowhere.</param>
/// <param name="kept">Versions that are not in memory and of which the counts are kept, ≥ 0.</param>
internal sealed class VersionHistory(BatchingInstruments? instruments, int kept = VersionHistory.Kept)
{
    /// <summary>Trainers make versions without end.</summary>
    public const int Kept = 1_024;

    private readonly Lock _gate = new();
    private readonly Dictionary<ModelVersionId, Entry> _entries = [];

    // The one that left first is first.
    private readonly LinkedList<ModelVersionId> _left = [];

    /// <summary>A version is loaded; <see cref="Leave"/> as often as this.</summary>
    public VersionCounts Enter(VersionManifest manifest)
    {
        var id = new ModelVersionId(manifest.Model, manifest.Version);
        lock (_gate)
        {
            if (!_entries.TryGetValue(id, out var entry))
                _entries.Add(id, entry = new Entry(new VersionCounts(manifest, instruments)));
            if (entry.Place is not null)
                _left.Remove(entry.Place);
            entry.Place = null;
            entry.Loads++;
            return entry.Counts;
        }
    }

    /// <summary>It is out of memory.</summary>
    public void Leave(ModelVersionId id)
    {
        lock (_gate)
        {
            // The one before it may still drain when it is loaded again.
            if (!_entries.TryGetValue(id, out var entry) || --entry.Loads > 0)
                return;
            entry.Place = _left.AddLast(id);
            if (_left.Count <= kept)
                return;
            _entries.Remove(_left.First!.Value);
            _left.RemoveFirst();
        }
    }

    /// <summary>What was counted of a version; false: nothing is known of it any more.</summary>
    public bool TryGet(ModelVersionId id, [NotNullWhen(true)] out BatchingStatistics? statistics)
    {
        VersionCounts? counts;
        lock (_gate)
            counts = _entries.GetValueOrDefault(id)?.Counts;
        statistics = counts?.Statistics;
        return statistics is not null;
    }

    private sealed class Entry(VersionCounts counts)
    {
        public VersionCounts Counts { get; } = counts;

        public int Loads { get; set; }

        public LinkedListNode<ModelVersionId>? Place { get; set; }
    }
}

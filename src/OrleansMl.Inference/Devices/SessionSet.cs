using System.Collections.Immutable;

namespace OrleansMl.Inference;

/// <summary>Sessions of one model on their devices; a run goes to the one that is least busy.</summary>
internal sealed class SessionSet : IDisposable
{
    private readonly ImmutableArray<Slot> _slots;

    private SessionSet(ImmutableArray<Slot> slots) => _slots = slots;

    public IEnumerable<OnnxModel> Models => _slots.Select(s => s.Model);

    public ImmutableArray<SessionPlace> Places => [.. _slots.Select(s => new SessionPlace(s.Model.Device, s.Runs, s.Model.FallbackReason) { UnboundReason = s.Model.UnboundReason })];

    /// <exception cref="ModelLoadException">A session cannot be opened; none stays open.</exception>
    public static SessionSet Open(ReadOnlyMemory<byte> bytes, IReadOnlyList<SessionGroup> groups)
    {
        ArgumentOutOfRangeException.ThrowIfZero(groups.Count);
        var slots = new List<Slot>(groups.Count);
        try
        {
            foreach (var group in groups)
            {
                var model = OnnxModel.Load(bytes, group.Options);
                // Sessions that all fell back to the CPU are one there: a session takes as many runs as there are cores for.
                if (model is { FallbackReason: not null, Device: "cpu" } && slots.Find(s => s.Model is { FallbackReason: not null, Device: "cpu" }) is { } same)
                {
                    model.Dispose();
                    same.Runs += group.Runs;
                }
                else
                {
                    slots.Add(new Slot(model, group.Runs));
                }
            }
        }
        catch
        {
            foreach (var slot in slots)
                slot.Model.Dispose();
            throw;
        }

        return new SessionSet([.. slots]);
    }

    /// <summary>The session for a run; to be given back.</summary>
    public OnnxModel Rent(out int place)
    {
        place = 0;
        // Nobody to choose from, nothing to count.
        if (_slots.Length == 1)
            return _slots[0].Model;
        var least = double.PositiveInfinity;
        for (var i = 0; i < _slots.Length; i++)
        {
            var load = (double)Volatile.Read(ref _slots[i].Busy) / _slots[i].Runs;
            if (load >= least)
                continue;
            (least, place) = (load, i);
            // Two that look at once may take the same: whoever comes second sees it counted.
            if (load == 0 && Interlocked.CompareExchange(ref _slots[i].Busy, 1, 0) == 0)
                return _slots[i].Model;
        }

        Interlocked.Increment(ref _slots[place].Busy);
        return _slots[place].Model;
    }

    public void Return(int place)
    {
        if (_slots.Length > 1)
            Interlocked.Decrement(ref _slots[place].Busy);
    }

    public void Dispose()
    {
        foreach (var slot in _slots)
            slot.Model.Dispose();
    }

    private sealed class Slot(OnnxModel model, int runs)
    {
        public int Busy;

        public OnnxModel Model { get; } = model;

        public int Runs { get; set; } = runs;
    }
}

namespace Orleans.Runtime;

/// <summary>The activations of one grain id: one, or several for a stateless worker.</summary>
internal sealed class ActivationSet(SiloRuntime silo, GrainId id, GrainClass grainClass)
{
    private readonly Lock _gate = new();
    private Activation[] _activations = [];
    private bool _removed;

    public Activation[] Activations => _activations;

    public GrainClass Class { get; } = grainClass;

    /// <returns>False: the set is out of the catalog; look again.</returns>
    public bool TryDeliver(Turn turn)
    {
        // The common case, without a lock: one live activation.
        if (Class.StatelessWorker is null && _activations is [{ } only] && only.Receive(turn))
            return true;
        while (true)
        {
            Activation target;
            lock (_gate)
            {
                if (_removed)
                    return false;
                target = ChooseLocked();
            }

            if (target.Receive(turn))
                return true;
            Remove(target);
        }
    }

    public void Remove(Activation activation)
    {
        lock (_gate)
        {
            _activations = [.. _activations.Where(a => a != activation)];
            if (_activations.Length > 0)
                return;
            _removed = true;
        }

        silo.Catalog.Forget(id, this);
    }

    private Activation ChooseLocked()
    {
        if (Class.StatelessWorker is not { } worker)
            return _activations.Length > 0 ? _activations[0] : AddLocked();
        if (_activations.FirstOrDefault(a => a.IsInactive) is { } inactive)
            return inactive;
        return _activations.Length < worker.MaxLocalWorkers ? AddLocked() : _activations.MinBy(a => a.Load)!;
    }

    private Activation AddLocked()
    {
        var made = new Activation(silo, id, Class, this);
        _activations = [.. _activations, made];
        return made;
    }
}

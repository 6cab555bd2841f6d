using System.Collections.Concurrent;

namespace Orleans.Runtime;

/// <summary>All activations of the silo.</summary>
internal sealed class Catalog(SiloRuntime silo)
{
    private readonly ConcurrentDictionary<GrainId, ActivationSet> _sets = new();
    private readonly ConcurrentDictionary<GrainType, GrainClass> _classes = new();

    public IEnumerable<Activation> Activations => _sets.Values.SelectMany(s => s.Activations);

    public void Deliver(GrainId id, Turn turn)
    {
        while (true)
        {
            if (!_sets.TryGetValue(id, out var set))
            {
                if (!silo.IsAccepting)
                {
                    turn.Reject(new SiloUnavailableException($"The silo is not running: grain '{id}' cannot be activated."));
                    return;
                }

                ActivationSet made;
                try
                {
                    made = new ActivationSet(silo, id, ClassOf(id.Type));
                }
                catch (Exception error)
                {
                    turn.Reject(error);
                    return;
                }

                set = _sets.GetOrAdd(id, made);
            }

            try
            {
                if (set.TryDeliver(turn))
                    return;
            }
            catch (Exception error)
            {
                turn.Reject(error);
                return;
            }
        }
    }

    public Activation? Find(GrainId id) => _sets.TryGetValue(id, out var set) ? set.Activations.FirstOrDefault() : null;

    public void Forget(GrainId id, ActivationSet set) => _sets.TryRemove(new KeyValuePair<GrainId, ActivationSet>(id, set));

    public void Collect(TimeSpan? age)
    {
        foreach (var activation in Activations)
            activation.CollectIfIdle(age);
    }

    /// <summary>Ends every activation and waits, at most until <paramref name="cancellationToken"/>.</summary>
    public async Task DeactivateAllAsync(CancellationToken cancellationToken)
    {
        var all = Activations.ToArray();
        foreach (var activation in all)
            activation.Deactivate(new DeactivationReason(DeactivationReasonCode.ShuttingDown, "The silo is shutting down."), cancellationToken);
        await Task.WhenAll(all.Select(a => a.Deactivated)).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private GrainClass ClassOf(GrainType type) =>
        _classes.GetOrAdd(type, static (t, silo) => new GrainClass(t, GrainTypes.Current.ClassOf(t), silo.Collection), silo);
}

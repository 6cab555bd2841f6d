using Orleans.Runtime;

namespace Orleans;

/// <summary>Starts observers stage by stage and stops them in reverse, from the highest stage that had started.</summary>
internal sealed class StagedLifecycle : ISiloLifecycle, IGrainLifecycle, IClusterClientLifecycle, ILifecycleSubject
{
    private readonly Lock _gate = new();
    private readonly List<Subscription> _subscriptions = [];
    private int? _highestStarted;

    public int HighestCompletedStage { get; private set; } = int.MinValue;

    public int LowestStoppedStage { get; private set; } = int.MaxValue;

    public IDisposable Subscribe(string observerName, int stage, ILifecycleObserver observer)
    {
        ArgumentNullException.ThrowIfNull(observer);
        var subscription = new Subscription(this, observerName, stage, observer);
        lock (_gate)
            _subscriptions.Add(subscription);
        return subscription;
    }

    public async Task OnStart(CancellationToken cancellationToken = default)
    {
        foreach (var stage in Stages())
        {
            cancellationToken.ThrowIfCancellationRequested();
            _highestStarted = stage.Key;
            await Task.WhenAll(stage.Select(s => Guard(() => s.Observer.OnStart(cancellationToken))).ToArray());
            HighestCompletedStage = stage.Key;
        }
    }

    public async Task OnStop(CancellationToken cancellationToken = default)
    {
        if (_highestStarted is not { } highest)
            return;
        List<Exception>? errors = null;
        foreach (var stage in Stages().Reverse())
        {
            if (stage.Key > highest)
                continue;
            try
            {
                await Task.WhenAll(stage.Select(s => Guard(() => s.Observer.OnStop(cancellationToken))).ToArray());
            }
            catch (Exception error)
            {
                // A service that fails to stop must not keep the others from stopping.
                (errors ??= []).Add(error);
            }

            LowestStoppedStage = stage.Key;
        }

        if (errors is not null)
            throw errors.Count == 1 ? errors[0] : new AggregateException(errors);
    }

    public void AddMigrationParticipant(IGrainMigrationParticipant participant)
    {
    }

    public void RemoveMigrationParticipant(IGrainMigrationParticipant participant)
    {
    }

    private static async Task Guard(Func<Task> action) => await action();

    private IGrouping<int, Subscription>[] Stages()
    {
        lock (_gate)
            return [.. _subscriptions.GroupBy(s => s.Stage).OrderBy(g => g.Key)];
    }

    private sealed class Subscription(StagedLifecycle owner, string name, int stage, ILifecycleObserver observer) : IDisposable
    {
        public string Name { get; } = name;

        public int Stage { get; } = stage;

        public ILifecycleObserver Observer { get; } = observer;

        public void Dispose()
        {
            lock (owner._gate)
                owner._subscriptions.Remove(this);
        }
    }
}

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Storage;

namespace Orleans.Runtime;

/// <content>Activation, idleness and the end.</content>
internal sealed partial class Activation
{
    private readonly TaskCompletionSource _deactivated = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _deactivationCancellation = new();
    private readonly HashSet<IAsyncDisposable> _owned = [];
    private readonly HashSet<IDisposable> _timers = [];
    private State _state = State.Created;
    private Task? _activation;
    private bool _wasValid;
    private bool _finishing;
    private DeactivationReason _reason;
    private DateTimeOffset _keepAliveUntil = DateTimeOffset.MinValue;
    private CancellationTokenSource? _activationCancellation;

    private enum State
    {
        Created,
        Activating,
        Valid,
        Deactivating,
        Ended,
    }

    public Task Deactivated => _deactivated.Task;

    public bool IsValid => _state == State.Valid;

    public void Activate(Dictionary<string, object>? requestContext, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            if (_state == State.Created)
                SignalLocked();
        }
    }

    public void Migrate(Dictionary<string, object>? requestContext, CancellationToken cancellationToken = default)
    {
        // One process: there is nowhere to go to. The public engine, too, leaves an activation where it is then.
    }

    public void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            if (_state == State.Ended)
                return;
            if (_reason.ReasonCode == DeactivationReasonCode.None)
                _reason = deactivationReason;
            if (cancellationToken.CanBeCanceled)
                cancellationToken.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), _deactivationCancellation);
            switch (_state)
            {
                case State.Valid:
                    _wasValid = true;
                    _state = State.Deactivating;
                    SignalLocked();
                    break;
                case State.Created:
                    _state = State.Deactivating;
                    SignalLocked();
                    break;
                case State.Activating:
                    _activationCancellation?.Cancel();
                    break;
            }
        }
    }

    public void DelayDeactivation(TimeSpan time)
    {
        lock (_gate)
        {
            _keepAliveUntil = time switch
            {
                _ when time == TimeSpan.MaxValue || time == Timeout.InfiniteTimeSpan => DateTimeOffset.MaxValue,
                _ when time <= TimeSpan.Zero => DateTimeOffset.MinValue,
                _ => Silo.Time.GetUtcNow() + time,
            };
        }
    }

    /// <summary>Ends the activation when it has been idle for <paramref name="age"/>, by its class's age when null.</summary>
    public bool CollectIfIdle(TimeSpan? age)
    {
        lock (_gate)
        {
            if (_state != State.Valid || _running.Count > 0 || _waiting.Count > 0 || _keepAliveUntil > Silo.Time.GetUtcNow())
                return false;
            var limit = age ?? Class.CollectionAge;
            if (Class.CollectionAge == Timeout.InfiniteTimeSpan || Silo.Time.GetElapsedTime(_lastUsed) < limit)
                return false;
        }

        Deactivate(new DeactivationReason(DeactivationReasonCode.ActivationIdle, "The activation was idle."));
        return true;
    }

    /// <summary>An escaping conflict of state ends the activation whose state it is: the next call reads what is stored.</summary>
    public void OnCallFailed(Exception error)
    {
        if (error is InconsistentStateException { IsSourceActivation: true } conflict)
        {
            // Once it has left this activation, it must not end those it passes through on its way to the caller.
            conflict.IsSourceActivation = false;
            Deactivate(new DeactivationReason(DeactivationReasonCode.ApplicationError, error, "The grain's state is inconsistent with what is stored."));
        }
    }

    public void Owns(IAsyncDisposable enumerator)
    {
        lock (_gate)
            _owned.Add(enumerator);
    }

    public void Disowns(IAsyncDisposable enumerator)
    {
        lock (_gate)
            _owned.Remove(enumerator);
    }

    public void Owns(IDisposable timer)
    {
        lock (_gate)
            _timers.Add(timer);
    }

    public void Disowns(IDisposable timer)
    {
        lock (_gate)
            _timers.Remove(timer);
    }

    private async Task ActivateAsync()
    {
        using var timeout = new CancellationTokenSource(Silo.Collection.ActivationTimeout, Silo.Time);
        _activationCancellation = timeout;
        try
        {
            if (_waiting is [GrainCall first, ..])
                RequestContext.Import(first.Context);
            GrainInstance = Class.Create(this);
            if (GrainInstance is ILifecycleParticipant<IGrainLifecycle> participant)
                participant.Participate(ObservableLifecycle);
            if (_lifecycle is not null)
                await _lifecycle.OnStart(timeout.Token).WaitAsync(timeout.Token);
            if (GrainInstance is IGrainBase grain)
                await grain.OnActivateAsync(timeout.Token).WaitAsync(timeout.Token);
            lock (_gate)
            {
                _activationCancellation = null;
                _lastUsed = Silo.Time.GetTimestamp();
                if (_reason.ReasonCode == DeactivationReasonCode.None)
                {
                    _state = State.Valid;
                }
                else
                {
                    // It asked for its own end while it was starting.
                    _wasValid = true;
                    _state = State.Deactivating;
                }

                SignalLocked();
            }
        }
        catch (Exception error)
        {
            Silo.Logger.LogError(error, "Grain {GrainId} could not be activated.", GrainId);
            List<Turn> rejected;
            lock (_gate)
            {
                _activationCancellation = null;
                _reason = new DeactivationReason(DeactivationReasonCode.ActivationFailed, error, "Failed to activate grain.");
                rejected = [.. _waiting];
                _waiting.Clear();
                _state = State.Deactivating;
                SignalLocked();
            }

            // The next call shall find no trace of this one: out of the catalog first.
            _owner.Remove(this);
            foreach (var turn in rejected)
                turn.Reject(error);
        }
    }

    private async Task FinishAsync()
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(_deactivationCancellation.Token);
        using var timer = Silo.Time.CreateTimer(static state => ((CancellationTokenSource)state!).Cancel(), timeout, Silo.Collection.DeactivationTimeout, Timeout.InfiniteTimeSpan);
        IDisposable[] timers;
        IAsyncDisposable[] owned;
        lock (_gate)
        {
            timers = [.. _timers];
            owned = [.. _owned];
            _owned.Clear();
        }

        foreach (var grainTimer in timers)
            grainTimer.Dispose();
        await QuietlyAsync(async () =>
        {
            foreach (var enumerator in owned)
                await enumerator.DisposeAsync();
        });
        if (_wasValid && GrainInstance is IGrainBase grain)
            await QuietlyAsync(() => grain.OnDeactivateAsync(_reason, timeout.Token).WaitAsync(timeout.Token));
        if (_lifecycle is not null)
            await QuietlyAsync(() => _lifecycle.OnStop(timeout.Token).WaitAsync(timeout.Token));

        List<Turn> waiting;
        lock (_gate)
        {
            _state = State.Ended;
            waiting = [.. _waiting];
            _waiting.Clear();
        }

        _owner.Remove(this);
        await QuietlyAsync(DisposeAsync);
        _deactivated.TrySetResult();
        foreach (var turn in waiting)
        {
            if (turn.IsLocalOnly)
                turn.Reject(new OrleansMessageRejectionException($"Grain '{GrainId}' was deactivated: {_reason}"));
            else
                Silo.Deliver(GrainId, turn);
        }
    }

    private async Task DisposeAsync()
    {
        switch (GrainInstance)
        {
            case IAsyncDisposable asyncDisposable:
                await asyncDisposable.DisposeAsync();
                break;
            case IDisposable disposable:
                disposable.Dispose();
                break;
        }

        if (_scope is IAsyncDisposable asyncScope)
            await asyncScope.DisposeAsync();
        else
            _scope.Dispose();
        _deactivationCancellation.Dispose();
    }

    private async Task QuietlyAsync(Func<Task> action)
    {
        try
        {
            await action();
        }
        catch (Exception error)
        {
            Silo.Logger.LogWarning(error, "Grain {GrainId} failed while it was deactivated ({Reason}).", GrainId, _reason);
        }
    }
}

using Microsoft.Extensions.Logging;

namespace Orleans.Runtime;

/// <content>Admission of calls: one at a time, unless the rules let one interleave.</content>
internal sealed partial class Activation
{
    private readonly List<Turn> _waiting = [];
    private readonly List<Turn> _running = [];
    private readonly Dictionary<Guid, int> _openSections = [];
    private Turn? _blocking;
    private bool _pumpScheduled;
    private long _lastUsed;

    /// <summary>Waiting and running turns: what a stateless worker's pool balances on.</summary>
    public int Load
    {
        get
        {
            lock (_gate)
                return _waiting.Count + _running.Count;
        }
    }

    public bool IsInactive
    {
        get
        {
            lock (_gate)
                return _waiting.Count == 0 && _running.Count == 0 && _state == State.Valid;
        }
    }

    /// <returns>False: this activation has ended; ask for a new one.</returns>
    public bool Receive(Turn turn)
    {
        lock (_gate)
        {
            if (_state == State.Ended)
                return false;
            if (Silo.MaxEnqueuedRequests > 0 && turn is GrainCall && _waiting.Count + _running.Count > Silo.MaxEnqueuedRequests)
            {
                turn.Reject(new LimitExceededException("MaxEnqueuedRequestsHardLimit", _waiting.Count + _running.Count, Silo.MaxEnqueuedRequests, ToString()));
                return true;
            }

            _waiting.Add(turn);
            SignalLocked();
        }

        return true;
    }

    public void OnEnterReentrantSection(Guid reentrancyId)
    {
        lock (_gate)
        {
            _openSections.TryGetValue(reentrancyId, out var depth);
            _openSections[reentrancyId] = depth + 1;
            // A call of this chain may be waiting already.
            SignalLocked();
        }
    }

    public void OnExitReentrantSection(Guid reentrancyId)
    {
        lock (_gate)
        {
            if (!_openSections.TryGetValue(reentrancyId, out var depth))
                return;
            if (depth == 1)
                _openSections.Remove(reentrancyId);
            else
                _openSections[reentrancyId] = depth - 1;
        }
    }

    private void SignalLocked()
    {
        if (_pumpScheduled)
            return;
        _pumpScheduled = true;
        // The pump must not inherit the caller's async locals: a call is a message, not a method.
        if (ExecutionContext.IsFlowSuppressed())
        {
            new Task(static state => ((Activation)state!).Pump(), this).Start(_scheduler);
            return;
        }

        using (ExecutionContext.SuppressFlow())
            new Task(static state => ((Activation)state!).Pump(), this).Start(_scheduler);
    }

    /// <summary>Runs on the activation's scheduler.</summary>
    private void Pump()
    {
        while (true)
        {
            Turn? next;
            lock (_gate)
            {
                _pumpScheduled = false;
                switch (_state)
                {
                    case State.Created:
                        _state = State.Activating;
                        _activation = ActivateAsync();
                        return;
                    case State.Deactivating when _running.Count == 0 && !_finishing:
                        _finishing = true;
                        _ = FinishAsync();
                        return;
                    case State.Valid:
                        next = TakeEligibleLocked();
                        break;
                    default:
                        return;
                }

                if (next is null)
                    return;
                _running.Add(next);
                if (_blocking is null && !next.AlwaysInterleave)
                    _blocking = next;
                if (next.KeepsAlive)
                    _lastUsed = Silo.Time.GetTimestamp();
            }

            var run = next.RunAsync(this);
            if (run.IsCompleted)
                OnCompleted(next);
            else
                _ = CompleteLaterAsync(next, run);
        }
    }

    private async Task CompleteLaterAsync(Turn turn, ValueTask run)
    {
        await run;
        OnCompleted(turn);
    }

    private void OnCompleted(Turn turn)
    {
        lock (_gate)
        {
            _running.Remove(turn);
            if (turn.KeepsAlive)
                _lastUsed = Silo.Time.GetTimestamp();
            if (_blocking is null || ReferenceEquals(_blocking, turn))
                _blocking = null;
            if (_waiting.Count > 0 || _state == State.Deactivating)
                SignalLocked();
        }
    }

    /// <summary>The first that may run now: a later one overtakes when the earlier ones may not.</summary>
    private Turn? TakeEligibleLocked()
    {
        for (var i = 0; i < _waiting.Count; i++)
        {
            var turn = _waiting[i];
            if (turn.IsAbandoned)
            {
                _waiting.RemoveAt(i--);
                continue;
            }

            try
            {
                if (!MayRunLocked(turn))
                    continue;
            }
            catch (Exception error)
            {
                _waiting.RemoveAt(i--);
                turn.Reject(error);
                continue;
            }

            _waiting.RemoveAt(i);
            return turn;
        }

        return null;
    }

    private bool MayRunLocked(Turn turn)
    {
        if (_running.Count == 0 || turn.AlwaysInterleave || _blocking is null)
            return true;
        if (_blocking.ReadOnly && turn.ReadOnly)
            return true;
        if (turn.ReentrancyId is var id && id != Guid.Empty && _openSections.ContainsKey(id))
            return true;
        if (Class.Reentrant)
            return true;
        return Class.MayInterleave is { } predicate
            && ((turn.Invokable is { } incoming && predicate(GrainInstance, incoming))
                || (_blocking.Invokable is { } blocking && predicate(GrainInstance, blocking)));
    }
}

namespace Orleans.Runtime;

/// <summary>
/// The calls that wait for an answer, in striped lists, swept by one timer: cheaper than a timer per call. A call may time
/// out up to one sweep late.
/// </summary>
internal sealed class PendingCalls : IDisposable
{
    private static readonly TimeSpan MaxPeriod = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MinPeriod = TimeSpan.FromMilliseconds(20);
    private readonly Stripe[] _stripes;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly Lock _periodGate = new();
    private TimeSpan _period;

    public PendingCalls(TimeProvider time, TimeSpan defaultTimeout)
    {
        _time = time;
        _stripes = new Stripe[Math.Max(4, Environment.ProcessorCount * 2)];
        for (var i = 0; i < _stripes.Length; i++)
            _stripes[i] = new Stripe();
        _period = PeriodFor(defaultTimeout);
        using (ExecutionContext.SuppressFlow())
            _timer = time.CreateTimer(static state => ((PendingCalls)state!).Sweep(), this, _period, _period);
    }

    public void Add(GrainCall call, TimeSpan timeout)
    {
        if (timeout == Timeout.InfiniteTimeSpan)
            return;
        var wanted = PeriodFor(timeout);
        if (wanted < _period)
        {
            lock (_periodGate)
            {
                if (wanted < _period)
                {
                    _period = wanted;
                    _timer.Change(wanted, wanted);
                }
            }
        }

        call.Deadline = _time.GetTimestamp() + (long)(timeout.TotalSeconds * _time.TimestampFrequency);
        _stripes[Environment.CurrentManagedThreadId % _stripes.Length].Add(call);
    }

    /// <summary>The host stops: whoever still waits learns it.</summary>
    public void FailAll(Func<GrainCall, Exception> error)
    {
        foreach (var stripe in _stripes)
        {
            foreach (var call in stripe.Snapshot(null))
                call.TryFail(error(call));
        }
    }

    public void Dispose() => _timer.Dispose();

    private static TimeSpan PeriodFor(TimeSpan timeout)
    {
        var tenth = timeout / 10;
        return tenth < MinPeriod ? MinPeriod : tenth > MaxPeriod ? MaxPeriod : tenth;
    }

    private void Sweep()
    {
        var now = _time.GetTimestamp();
        foreach (var stripe in _stripes)
        {
            foreach (var call in stripe.Snapshot(now))
            {
                var timeout = call.Shape.Timeout ?? call.Target.Caller.ResponseTimeout;
                call.TryFail(new TimeoutException($"Response did not arrive on time in {timeout} for message: {call.Describe()}."));
            }
        }
    }

    /// <summary>A doubly linked list of calls under its own lock.</summary>
    internal sealed class Stripe
    {
        private readonly Lock _gate = new();
        private GrainCall? _first;

        public void Add(GrainCall call)
        {
            lock (_gate)
            {
                call.Stripe = this;
                call.Next = _first;
                if (_first is not null)
                    _first.Previous = call;
                _first = call;
            }
        }

        public void Remove(GrainCall call)
        {
            lock (_gate)
            {
                if (call.Stripe is null)
                    return;
                call.Stripe = null;
                if (call.Previous is { } previous)
                    previous.Next = call.Next;
                else
                    _first = call.Next;
                if (call.Next is { } next)
                    next.Previous = call.Previous;
                call.Next = call.Previous = null;
            }
        }

        /// <param name="now">Only calls whose deadline is before this time stamp; null: all.</param>
        public List<GrainCall> Snapshot(long? now)
        {
            var calls = new List<GrainCall>();
            lock (_gate)
            {
                for (var call = _first; call is not null; call = call.Next)
                {
                    if (now is null || call.Deadline < now)
                        calls.Add(call);
                }
            }

            return calls;
        }
    }
}

using Microsoft.Extensions.Logging;
using Orleans.Timers;

namespace Orleans.Timers
{
    /// <summary>Makes timers.</summary>
    public interface ITimerRegistry
    {
        Runtime.IGrainTimer RegisterGrainTimer<TState>(
            Runtime.IGrainContext grainContext, Func<TState, CancellationToken, Task> callback, TState state, Runtime.GrainTimerCreationOptions options);
    }
}

namespace Orleans.Runtime
{
    /// <summary>A timer of an activation; it ends with it.</summary>
    public interface IGrainTimer : IDisposable
    {
        void Change(TimeSpan dueTime, TimeSpan period);
    }

    /// <summary>When a timer ticks, and how its ticks are admitted.</summary>
    public readonly struct GrainTimerCreationOptions
    {
        public GrainTimerCreationOptions()
        {
        }

        [System.Diagnostics.CodeAnalysis.SetsRequiredMembers]
        public GrainTimerCreationOptions(TimeSpan dueTime, TimeSpan period)
        {
            DueTime = dueTime;
            Period = period;
        }

        public required TimeSpan DueTime { get; init; }

        public required TimeSpan Period { get; init; }

        /// <summary>Ticks run beside calls.</summary>
        public bool Interleave { get; init; }

        /// <summary>Ticks count as use.</summary>
        public bool KeepAlive { get; init; }
    }

    internal sealed class TimerRegistry(TimeProvider time) : ITimerRegistry
    {
        public IGrainTimer RegisterGrainTimer<TState>(IGrainContext grainContext, Func<TState, CancellationToken, Task> callback, TState state, GrainTimerCreationOptions options)
        {
            ArgumentNullException.ThrowIfNull(callback);
            if (RuntimeContext.Current is null)
            {
                throw new InvalidOperationException(
                    $"A timer of grain '{grainContext.GrainId}' was registered outside of its turns (in Task.Run or after ConfigureAwait(false)). Register it within a call of the grain.");
            }

            if (!ReferenceEquals(RuntimeContext.Current, grainContext))
                throw new InvalidOperationException("Current grain context differs from specified grain context.");
            var timer = new GrainTimer((Activation)grainContext, token => callback(state, token), time, options.Interleave, options.KeepAlive);
            timer.Change(options.DueTime, options.Period);
            return timer;
        }
    }

    /// <summary>
    /// Each tick is a turn under the admission rules. A timer never overlaps itself: the period runs from the end of a tick.
    /// Errors are logged and the timer goes on.
    /// </summary>
    internal sealed class GrainTimer : IGrainTimer
    {
        private readonly CancellationTokenSource _cancellation = new();
        private readonly Activation _activation;
        private readonly Func<CancellationToken, Task> _callback;
        private readonly ITimer _timer;
        private readonly Tick _tick;
        private bool _changed;
        private bool _firing;
        private TimeSpan _dueTime = Timeout.InfiniteTimeSpan;
        private TimeSpan _period = Timeout.InfiniteTimeSpan;

        public GrainTimer(Activation activation, Func<CancellationToken, Task> callback, TimeProvider time, bool interleave, bool keepAlive)
        {
            _activation = activation;
            _callback = callback;
            _tick = new Tick(this, interleave, keepAlive);
            using (ExecutionContext.IsFlowSuppressed() ? default(IDisposable) : ExecutionContext.SuppressFlow())
                _timer = time.CreateTimer(static state => ((GrainTimer)state!).Fire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            activation.Owns(this);
        }

        public void Change(TimeSpan dueTime, TimeSpan period)
        {
            Validate(dueTime, nameof(dueTime));
            Validate(period, nameof(period));
            _changed = true;
            _dueTime = dueTime;
            _period = period;
            if (!_firing)
                Schedule(dueTime);
        }

        public void Dispose()
        {
            _cancellation.Cancel();
            _timer.Dispose();
            _activation.Disowns(this);
        }

        private static void Validate(TimeSpan time, string name)
        {
            var milliseconds = (long)time.TotalMilliseconds;
            ArgumentOutOfRangeException.ThrowIfLessThan(milliseconds, -1, name);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(milliseconds, 0xfffffffe, name);
        }

        private void Fire()
        {
            _firing = true;
            _activation.Receive(_tick);
        }

        private void Schedule(TimeSpan due)
        {
            try
            {
                _timer.Change(due, Timeout.InfiniteTimeSpan);
            }
            catch (ObjectDisposedException)
            {
                // Disposed between the tick and its rescheduling: there is nothing to schedule.
            }
        }

        private sealed class Tick(GrainTimer timer, bool interleave, bool keepAlive) : Turn
        {
            public override bool AlwaysInterleave => interleave;

            public override bool ReadOnly => false;

            public override bool IsLocalOnly => true;

            public override bool KeepsAlive => keepAlive;

            public override bool IsAbandoned => timer._cancellation.IsCancellationRequested;

            public override async ValueTask RunAsync(Activation activation)
            {
                timer._changed = false;
                try
                {
                    RequestContext.Clear();
                    await timer._callback(timer._cancellation.Token);
                }
                catch (Exception error)
                {
                    activation.Silo.Logger.LogWarning(error, "A timer of grain {GrainId} failed; it goes on.", activation.GrainId);
                    activation.OnCallFailed(error);
                }
                finally
                {
                    if (!timer._cancellation.IsCancellationRequested)
                        timer.Schedule(timer._changed ? timer._dueTime : timer._period);
                    timer._firing = false;
                }
            }

            public override void Reject(Exception cause)
            {
            }
        }
    }
}

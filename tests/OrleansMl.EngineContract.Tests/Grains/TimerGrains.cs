using Orleans.Runtime;

namespace OrleansMl.EngineContract.Tests;

public interface ITimerGrain : IGrainWithStringKey
{
    Task Start(int failures, bool interleave);

    Task Stop();

    Task<int> Ticks();

    Task HoldWhileTicking(string gate);

    Task<string> StartOutsideOfTheTurn();

    Task StartOnce();

    [Orleans.Concurrency.AlwaysInterleave]
    Task<int> PeekTicks();
}

public sealed class TimerGrain : Grain, ITimerGrain
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(10);
    private IGrainTimer? _timer;
    private int _ticks;
    private int _inside;

    private string Key => this.GetPrimaryKeyString();

    public Task Start(int failures, bool interleave)
    {
        _timer = this.RegisterGrainTimer(
            async (left, token) =>
            {
                if (++_inside > 1)
                    Journal.Add(Key, "overlap");
                await Task.Delay(15, CancellationToken.None);
                _inside--;
                var tick = ++_ticks;
                Gates.Open($"{Key} tick {tick}");
                if (token.IsCancellationRequested)
                    Journal.Add(Key, "cancelled");
                if (tick <= left)
                    throw new InvalidOperationException("a tick that fails");
            },
            failures,
            new GrainTimerCreationOptions { DueTime = Soon, Period = Soon, Interleave = interleave });
        return Task.CompletedTask;
    }

    public Task Stop()
    {
        _timer!.Dispose();
        return Task.CompletedTask;
    }

    public Task<int> Ticks() => Task.FromResult(_ticks);

    public Task<int> PeekTicks() => Task.FromResult(_ticks);

    public async Task HoldWhileTicking(string gate)
    {
        Gates.Open($"{gate} started");
        await Gates.WaitFor(gate);
    }

    public async Task<string> StartOutsideOfTheTurn()
    {
        try
        {
            await Task.Run(() => this.RegisterGrainTimer(() => Task.CompletedTask, Soon, Soon).Dispose());
            return "allowed";
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            return "refused";
        }
    }

    public Task StartOnce()
    {
        this.RegisterGrainTimer(
            _ =>
            {
                Gates.Open($"{Key} once {++_ticks}");
                return Task.CompletedTask;
            },
            new GrainTimerCreationOptions { DueTime = TimeSpan.Zero, Period = Timeout.InfiniteTimeSpan });
        return Task.CompletedTask;
    }
}

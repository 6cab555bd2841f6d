using System.Collections.Concurrent;
using System.Collections.Frozen;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using OrleansMl.Storage;

namespace OrleansMl.Jobs;

/// <summary>
/// Runs jobs in this silo, a few at once. It takes the oldest that waits, and jobs whose silo has gone: those of a process that
/// died are found at the next start, because no active silo has their owner's address.
/// </summary>
internal sealed partial class JobHost(
    IGrainFactory grains,
    IJobStore store,
    IEnumerable<IJobRunner> runners,
    JobOptions options,
    JobInstruments instruments,
    ILocalSiloDetails silo,
    [FromKeyedServices(OmlNames.Clock)] TimeProvider clock,
    ILogger<JobHost> logger) : BackgroundService
{
    /// <summary>How often it looks for what nobody told it of. In real time, as other sweeps.</summary>
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private static readonly DoublingPause RetryPause = new(Period, TimeSpan.FromMinutes(1));

    /// <summary>Jobs that it looks at in a pass, the oldest that have not ended.</summary>
    private const int Looked = 1000;

    private readonly FrozenDictionary<string, IJobRunner> _runners = runners.ToFrozenDictionary(r => r.Kind, StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Running> _running = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, (int Faults, DateTime Until)> _pauses = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _wake = new(0, 1);

    private string Owner => silo.SiloAddress.ToParsableString();

    /// <summary>There is a job to run, or a place has become free.</summary>
    public void Wake()
    {
        try
        {
            _wake.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is awake already.
        }
    }

    /// <summary>A job that runs here is cancelled: it hears so at once.</summary>
    public void Cancel(string id)
    {
        if (_running.TryGetValue(id, out var running))
            running.Execution?.Cancel();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Run)
            return;
        await Task.Yield();
        await CleanUpAsync(stoppingToken);
        using var threads = new JobThreads(options.Concurrency);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await SweepAsync(threads, stoppingToken);
            }
            catch (Exception exception)
            {
                if (!stoppingToken.IsCancellationRequested)
                    LogSweepFailed(logger, exception);
            }

            try
            {
                await _wake.WaitAsync(Period, stoppingToken);
            }
            catch (OperationCanceledException)
            {
                break;
            }
        }

        // Each gives its job back, so that whoever is next takes it at once.
        await Task.WhenAll(_running.Values.Select(r => r.Task)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>What jobs left behind whose process died between their end and the cleaning: only the latest can have.</summary>
    private async Task CleanUpAsync(CancellationToken stoppingToken)
    {
        const int Latest = 100;
        try
        {
            foreach (var (kind, runner) in _runners)
            {
                foreach (var row in await store.ListAsync(new JobFilter { Kind = kind }, Latest, stoppingToken))
                {
                    if (!row.IsOpen)
                        runner.CleanUp(row.Id);
                }
            }
        }
        catch (Exception exception)
        {
            LogNotCleaned(logger, exception);
        }
    }

    private async Task SweepAsync(JobThreads threads, CancellationToken stoppingToken)
    {
        if (_running.Count >= options.Concurrency)
            return;
        IReadOnlySet<string>? alive = null;
        foreach (var row in await store.ListOpenAsync(Looked, stoppingToken))
        {
            if (_running.Count >= options.Concurrency || stoppingToken.IsCancellationRequested)
                return;
            if (_running.ContainsKey(row.Id) || !_runners.TryGetValue(row.Kind, out var runner) || IsFull(row.Kind) || IsPaused(row.Id))
                continue;
            string? gone = null;
            if (row.State == "running")
            {
                gone = (await grains.GetGrain<IJobGrain>(row.Id).GetAsync()).TryGet(out var status, out _) ? status.Owner : null;
                alive ??= await ListAliveAsync();
                // Its own that it does not run was left by a failure to tell its end.
                if (gone is not null && gone != Owner && alive.Contains(gone))
                    continue;
            }

            await TakeAsync(row, runner, gone, threads, stoppingToken);
        }
    }

    private async Task TakeAsync(JobRow row, IJobRunner runner, string? gone, JobThreads threads, CancellationToken stoppingToken)
    {
        var grain = grains.GetGrain<IJobGrain>(row.Id);
        OmlResult<JobTicket> begun;
        try
        {
            begun = await grain.BeginAsync(new JobClaim(Owner, gone, options.MaxIdleAttempts));
        }
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
        {
            // One job that cannot be reached does not keep the others waiting.
            LogNotBegun(logger, row.Id, exception);
            Pause(row.Id);
            return;
        }

        if (!begun.TryGet(out var ticket, out var error))
        {
            if (error.Code is "job_ended" or "unknown_job")
                runner.CleanUp(row.Id);
            return;
        }

        var execution = new JobExecution(row.Id, ticket, grain, runner, options, clock, logger, stoppingToken);
        var running = new Running(row.Kind) { Execution = execution };
        _running[row.Id] = running;
        running.Task = Task.Run(() => FollowAsync(row, execution, threads), CancellationToken.None);
    }

    private async Task FollowAsync(JobRow row, JobExecution execution, JobThreads threads)
    {
        LogBegun(logger, row.Id, row.Kind, execution.Attempt);
        instruments.Running(row.Kind, 1);
        try
        {
            if (await execution.RunAsync(threads))
                Pause(row.Id);
            else
                _pauses.TryRemove(row.Id, out _);
        }
        catch (Exception exception)
        {
            LogNotFollowed(logger, row.Id, exception);
            Pause(row.Id);
        }
        finally
        {
            instruments.Running(row.Kind, -1);
            _running.TryRemove(row.Id, out _);
            Wake();
        }
    }

    private bool IsFull(string kind) => options.PerKind.TryGetValue(kind, out var limit) && _running.Values.Count(r => r.Kind == kind) >= limit;

    private bool IsPaused(string id) => _pauses.TryGetValue(id, out var pause) && TimeProvider.System.GetUtcNow().UtcDateTime < pause.Until;

    /// <summary>What was interrupted by a fault waits a while, twice as long each time.</summary>
    private void Pause(string id) => _pauses.AddOrUpdate(
        id,
        _ => (1, TimeProvider.System.GetUtcNow().UtcDateTime + RetryPause.After(1)),
        (_, last) => (last.Faults + 1, TimeProvider.System.GetUtcNow().UtcDateTime + RetryPause.After(last.Faults + 1)));

    private async Task<IReadOnlySet<string>> ListAliveAsync()
    {
        var hosts = await grains.GetGrain<IManagementGrain>(0).GetHosts(onlyActive: true);
        return hosts.Keys.Select(address => address.ToParsableString()).ToHashSet(StringComparer.Ordinal);
    }

    private sealed class Running(string kind)
    {
        public string Kind { get; } = kind;

        public JobExecution? Execution { get; init; }

        public Task Task { get; set; } = Task.CompletedTask;
    }

    [LoggerMessage(LogLevel.Information, "Job {Job} ({Kind}) begins attempt {Attempt}.")]
    private static partial void LogBegun(ILogger logger, string job, string kind, int attempt);

    [LoggerMessage(LogLevel.Warning, "What ended jobs may have left behind could not be removed.")]
    private static partial void LogNotCleaned(ILogger logger, Exception exception);

    [LoggerMessage(LogLevel.Warning, "Looking for jobs failed; the next pass tries again.")]
    private static partial void LogSweepFailed(ILogger logger, Exception exception);

    [LoggerMessage(LogLevel.Warning, "Job {Job} could not be begun; a later pass tries again.")]
    private static partial void LogNotBegun(ILogger logger, string job, Exception exception);

    [LoggerMessage(LogLevel.Error, "An attempt of job {Job} ended in an unforeseen way; a later pass tries again.")]
    private static partial void LogNotFollowed(ILogger logger, string job, Exception exception);
}

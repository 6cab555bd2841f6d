using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using OrleansMl.Services;

namespace OrleansMl.Jobs;

/// <summary>One attempt in this silo: runs the runner, carries its words to the job, and the job's to it.</summary>
internal sealed partial class JobExecution : IJobContext
{
    private const int MaxCheckpointBytes = 1 << 20;

    private readonly IJobGrain _grain;
    private readonly IJobRunner _runner;
    private readonly JobOptions _options;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop;
    private readonly DateTimeOffset _began;
    private readonly JobTrace _trace;
    private volatile JobProgress? _progress;
    private double? _firstFraction;
    private volatile bool _isCancelled;
    private volatile bool _isFenced;

    public JobExecution(string jobId, JobTicket ticket, IJobGrain grain, IJobRunner runner, JobOptions options, TimeProvider clock, ILogger logger, CancellationToken stopping)
    {
        (JobId, Attempt, Spec, Step, Checkpoint) = (jobId, ticket.Attempt, ticket.Spec, ticket.Step, ticket.Checkpoint);
        (_grain, _runner, _options, Clock, _logger) = (grain, runner, options, clock, logger);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        _began = clock.GetUtcNow();
        _trace = new JobTrace(jobId, ticket.Attempt, ticket.Spec);
    }

    public string JobId { get; }

    public int Attempt { get; }

    public JobSpec Spec { get; }

    public TimeProvider Clock { get; }

    public string? Step { get; }

    public ReadOnlyMemory<byte>? Checkpoint { get; }

    public CancellationToken Cancellation => _stop.Token;

    /// <summary>Runs to the end of the attempt. Answers whether it was interrupted by a fault, after which a pause is due.</summary>
    public async Task<bool> RunAsync(JobThreads threads)
    {
        using var ended = new CancellationTokenSource();
        var pump = PumpAsync(ended.Token);
        try
        {
            return await ConcludeAsync(await TryAsync(threads));
        }
        finally
        {
            await ended.CancelAsync();
            await pump;
            _stop.Dispose();
            _trace.Dispose();
        }
    }

    /// <summary>Someone has asked to cancel the job; called where that is heard of before the next report.</summary>
    public void Cancel()
    {
        _isCancelled = true;
        try
        {
            _stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The attempt has ended in this moment.
        }
    }

    public void Report(string step, double? fraction, ImmutableSortedDictionary<string, double> metrics)
    {
        _trace.Enter(step);
        _firstFraction ??= fraction;
        double? eta = fraction is { } now && _firstFraction is { } first && now > first
            ? (Clock.GetUtcNow() - _began).TotalSeconds / (now - first) * (1 - now)
            : null;
        _progress = new JobProgress(step, fraction, eta is { } seconds ? Math.Round(seconds, 1) : null, metrics);
    }

    public async Task SaveAsync(string step, ReadOnlyMemory<byte> checkpoint)
    {
        if (checkpoint.Length > MaxCheckpointBytes)
            throw new ArgumentException($"The checkpoint of step '{step}' has {checkpoint.Length} bytes; the limit is {MaxCheckpointBytes}. Put what is large into a store and its name here.", nameof(checkpoint));

        // The next report goes on from it: one that is due meanwhile must not tell the step before.
        var progress = (_progress ?? new JobProgress(step, null, null, ImmutableSortedDictionary<string, double>.Empty)) with { Step = step };
        _progress = progress;
        using (_trace.Checkpoint(step))
            Obey(await _grain.SaveAsync(Attempt, checkpoint.ToArray(), progress));
        Cancellation.ThrowIfCancellationRequested();
    }

    public async Task LogAsync(string level, string text) => Obey(await _grain.LogAsync(Attempt, [new JobLogLine(level, text)]));

    private async Task<Ending> TryAsync(JobThreads threads)
    {
        try
        {
            var ran = await threads.RunAsync(() => _runner.RunAsync(this));
            return ran.TryGet(out var result, out var error)
                ? new Ending(new JobOutcome(JobState.Succeeded, result, null), null)
                : new Ending(new JobOutcome(JobState.Failed, null, error), null);
        }
        catch (JobFencedException)
        {
            _isFenced = true;
            return default;
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            return _isCancelled ? new Ending(new JobOutcome(JobState.Cancelled, null, null), null) : new Ending(null, "the silo stops");
        }
        catch (Exception exception) when (Unavailability.Explain(exception) is { } unavailable)
        {
            LogInterrupted(_logger, JobId, Attempt, exception);
            return new Ending(null, unavailable.Detail);
        }
        catch (Exception exception)
        {
            LogFailed(_logger, JobId, Attempt, exception);
            return new Ending(new JobOutcome(JobState.Failed, null, new OmlError("job_failed", 500, $"Attempt {Attempt} ended with {exception.GetType().Name}: {exception.Message}")), null);
        }
    }

    /// <summary>Tells the job how it ended. Where it cannot be told, the next attempt finds out by itself.</summary>
    private async Task<bool> ConcludeAsync(Ending ending)
    {
        if (_isFenced)
        {
            LogFenced(_logger, JobId, Attempt);
            return false;
        }

        var isFault = ending.Outcome is null && !_stop.IsCancellationRequested;
        using var span = _trace.Finish(ending.Outcome?.State.ToString().ToLowerInvariant() ?? "interrupted");
        for (var pause = TimeSpan.FromMilliseconds(100); ; pause *= 2)
        {
            try
            {
                var answer = ending.Outcome is { } outcome
                    ? await _grain.FinishAsync(Attempt, outcome)
                    : await _grain.ReleaseAsync(Attempt, ending.Interruption ?? "it was cut off", isFault);
                if (answer.TryGet(out var status, out var error) && status.IsFinal)
                    _runner.CleanUp(JobId);
                else if (error is not null)
                    LogFenced(_logger, JobId, Attempt);
                return isFault;
            }
            catch (Exception exception) when (pause > TimeSpan.FromSeconds(10) || _stop.IsCancellationRequested)
            {
                LogNotTold(_logger, JobId, Attempt, exception);
                return true;
            }
            catch (Exception)
            {
                await Task.Delay(pause, CancellationToken.None);
            }
        }
    }

    /// <summary>Says now and then how far the attempt is, and hears whether it shall go on.</summary>
    private async Task PumpAsync(CancellationToken ended)
    {
        while (true)
        {
            await Task.Delay(_options.ReportEvery, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (ended.IsCancellationRequested)
                return;
            try
            {
                Obey(await _grain.ReportAsync(Attempt, _progress ?? new JobProgress(Step ?? "start", null, null, ImmutableSortedDictionary<string, double>.Empty)));
            }
            catch (JobFencedException)
            {
                return;
            }
            catch (Exception exception)
            {
                // It is said again in a moment.
                LogNotReported(_logger, JobId, Attempt, exception.Message);
            }
        }
    }

    private void Obey(OmlResult<JobDirective> answer)
    {
        if (!answer.TryGet(out var directive, out var error))
        {
            _isFenced = true;
            _stop.Cancel();
            throw new JobFencedException(error.Detail);
        }

        if (directive == JobDirective.Cancel)
            Cancel();
    }

    /// <param name="Outcome">The job's end; null: it was interrupted.</param>
    /// <param name="Interruption">By what.</param>
    private readonly record struct Ending(JobOutcome? Outcome, string? Interruption);

    [LoggerMessage(LogLevel.Warning, "Job {Job}, attempt {Attempt}, is interrupted and will be tried again.")]
    private static partial void LogInterrupted(ILogger logger, string job, int attempt, Exception exception);

    [LoggerMessage(LogLevel.Error, "Job {Job} failed in attempt {Attempt}.")]
    private static partial void LogFailed(ILogger logger, string job, int attempt, Exception exception);

    [LoggerMessage(LogLevel.Warning, "Attempt {Attempt} of job {Job} is over: another has begun, and what this one did does not count.")]
    private static partial void LogFenced(ILogger logger, string job, int attempt);

    [LoggerMessage(LogLevel.Warning, "The end of attempt {Attempt} of job {Job} could not be stored; another attempt finishes the job.")]
    private static partial void LogNotTold(ILogger logger, string job, int attempt, Exception exception);

    [LoggerMessage(LogLevel.Debug, "The progress of job {Job}, attempt {Attempt}, could not be told: {Reason}")]
    private static partial void LogNotReported(ILogger logger, string job, int attempt, string reason);
}

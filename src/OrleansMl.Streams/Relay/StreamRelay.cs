using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace OrleansMl.Streams;

/// <summary>
/// Carries what lies in the silo's own log to another log, in order, at least once: so that what a silo acknowledges is
/// durable here first, whether or not the other log can be reached now.
/// </summary>
internal sealed partial class StreamRelay(ILogTransport from, ILogTransport to, DeadLetterWriter letters, ILogger<StreamRelay> logger) : BackgroundService
{
    private const int BatchRecords = 500;
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(1);
    private static readonly DoublingPause RetryPause = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(5));

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(from.Partitions.Select(p => Task.Run(() => CarryAsync(p, stoppingToken), CancellationToken.None)));

    private async Task CarryAsync(string partition, CancellationToken stoppingToken)
    {
        await using var reader = from.OpenReader(partition);
        try
        {
            await RetryAsync(partition, () => reader.InitializeAsync(stoppingToken), stoppingToken);
            while (true)
            {
                IReadOnlyList<LogRecord> records = [];
                await RetryAsync(partition, async () => records = await reader.ReadAsync(BatchRecords, Wait, stoppingToken), stoppingToken);
                // Order is kept for a stream; streams go side by side, or each would wait for the other log's answer to the last.
                await Task.WhenAll(records.GroupBy(r => r.Stream).Select(g => CarryAsync(partition, g.Key, [.. g], stoppingToken)));
                if (records.Count > 0)
                    await RetryAsync(partition, () => reader.CommitAsync(records[^1].Offset + 1, stoppingToken), stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    private async Task CarryAsync(string partition, StreamId stream, List<LogRecord> run, CancellationToken stoppingToken)
    {
        var good = run.Where(r => r.Fault is null).ToList();
        var letter = run.Where(r => r.Fault is not null)
            .Select(r => letters.Letter(from.Kind, partition, stream, r.Offset, r.Record, r.Fault!.Reason, r.Fault.Detail)).ToList();
        try
        {
            if (good.Count > 0)
                await RetryAsync(partition, () => to.AppendAsync(stream, good.ConvertAll(static r => r.Record), stoppingToken), stoppingToken);
        }
        catch (ArgumentException exception)
        {
            // The other log does not carry such records, now or later.
            letter.AddRange(good.Select(r => letters.Letter(from.Kind, partition, stream, r.Offset, r.Record, "not_carried", exception.Message)));
        }

        if (letter.Count > 0)
            await letters.WriteAsync(letter, stoppingToken);
    }

    private async Task RetryAsync(string partition, Func<Task> act, CancellationToken stoppingToken)
    {
        for (var tried = 1; ; tried++)
        {
            try
            {
                await act();
                return;
            }
            catch (Exception exception) when (exception is not ArgumentException && !stoppingToken.IsCancellationRequested)
            {
                LogFailed(logger, partition, to.Kind, exception);
                await Task.Delay(RetryPause.After(tried), stoppingToken);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Partition} cannot be carried to {To} now; what it holds stays here and goes on after a pause.")]
    private static partial void LogFailed(ILogger logger, string partition, string to, Exception exception);
}

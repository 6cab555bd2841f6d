using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using OrleansMl.Storage;

namespace OrleansMl.Streams;

/// <summary>
/// Writes dead letters to every sink and does not give up: the watermark waits for them, so a sink that is away holds the
/// stored position back and loses nothing.
/// </summary>
internal sealed partial class DeadLetterWriter(IReadOnlyList<IDeadLetterSink> sinks, TimeProvider clock, StreamInstruments instruments, ILogger logger)
{
    private static readonly DoublingPause RetryPause = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(5));

    /// <summary>The writer of a provider: to the sinks of the silo, and to those of the provider.</summary>
    public static DeadLetterWriter Of(IServiceProvider services, string provider) => new(
        [.. services.GetServices<IDeadLetterSink>(), .. services.GetKeyedServices<IDeadLetterSink>(provider)],
        TimeProvider.System,
        services.GetRequiredService<StreamInstruments>(),
        services.GetRequiredService<ILoggerFactory>().CreateLogger($"OrleansMl.Streams.{provider}"));

    public DeadLetter Letter(string kind, string partition, StreamId stream, long offset, StreamRecord record, string reason, string detail) =>
        DeadLetters.Of($"{kind}:{partition}@{offset}", stream.GetNamespace() ?? "", stream.GetKeyAsString(), record.Id.Length > 0 ? record : record with { Id = $"{partition}/{offset}" }, reason, detail, clock.GetUtcNow().UtcDateTime);

    /// <summary>Durable in every sink when it completes.</summary>
    /// <exception cref="OperationCanceledException">The partition is closing: its next owner meets the records again.</exception>
    public async Task WriteAsync(IReadOnlyList<DeadLetter> letters, CancellationToken cancellationToken)
    {
        foreach (var sink in sinks)
        {
            for (var tried = 1; ; tried++)
            {
                try
                {
                    await sink.WriteAsync(letters, cancellationToken);
                    break;
                }
                catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
                {
                    LogNotWritten(logger, letters.Count, letters[0].Source, exception);
                    await Task.Delay(RetryPause.After(tried), cancellationToken);
                }
            }
        }

        foreach (var letter in letters)
        {
            instruments.DeadLetters.Add(1, new KeyValuePair<string, object?>("namespace", letter.Namespace), new KeyValuePair<string, object?>("reason", letter.Reason));
            LogWritten(logger, letter.Source, letter.Reason, letter.Detail);
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Count} dead letters from {Source} on could not be stored; the position waits for them.")]
    private static partial void LogNotWritten(ILogger logger, int count, string source, Exception exception);

    [LoggerMessage(LogLevel.Warning, "Dead letter: {Source}: {Reason}: {Detail}")]
    private static partial void LogWritten(ILogger logger, string source, string reason, string detail);
}

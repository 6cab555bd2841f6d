using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrleansMl.Predictions;
using OrleansMl.Storage;
using OrleansMl.Streams;

namespace OrleansMl.Trainers;

/// <summary>
/// Examples of a model, from the log or as they were delivered. One that cannot be read is a dead letter before the learner
/// passes it, and holds up no other.
/// </summary>
internal sealed partial class ExampleSource(
    IStreamLog streams,
    IDeadLetterStore deadLetters,
    [FromKeyedServices(OmlNames.Clock)] TimeProvider clock,
    ILogger<ExampleSource> logger)
{
    /// <summary>What the log holds after a sequence, ascending.</summary>
    public async Task<List<FedExample>> ReadAsync(string model, long after, int limit)
    {
        var examples = new List<FedExample>();
        foreach (var item in await streams.ReadStreamAsync(OmlStreams.Examples, model, after, limit))
        {
            StreamRecord? record = null;
            try
            {
                record = StreamRecordCodec.Decode(item.Record, item.Sequence);
                examples.Add(new FedExample(item.Sequence, Decode(item.Sequence, record)));
            }
            catch (InvalidDataException exception)
            {
                await PutAsideAsync(item, record, exception);
                examples.Add(new FedExample(item.Sequence, null));
            }
        }

        return examples;
    }

    /// <summary>The example of a record that was delivered; null: it cannot be read, which the log's reading sees to.</summary>
    public static LabeledExample? TryRead(long sequence, StreamRecord record)
    {
        try
        {
            return Decode(sequence, record);
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    private static LabeledExample Decode(long sequence, StreamRecord record) =>
        record.Type == ExampleCodec.Type
            ? ExampleCodec.Decode(sequence, record.Data)
            : throw new InvalidDataException($"A record of type '{record.Type}' is no example.");

    private async Task PutAsideAsync(StreamItem item, StreamRecord? record, InvalidDataException exception)
    {
        // The source as the stream provider names it: what both put aside is one letter.
        var source = LocalTransport.SourceOf(item);
        LogUnreadable(logger, item.Key, source, exception.Message);
        var read = record ?? new StreamRecord { Id = "", Type = "", Data = item.Record };
        await deadLetters.AppendAsync([DeadLetters.Of(source, item.Namespace, item.Key, read, "unparsable", exception.Message, clock.GetUtcNow().UtcDateTime)]);
    }

    [LoggerMessage(LogLevel.Warning, "An example for {Model} cannot be read and is put aside ({Source}): {Reason}")]
    private static partial void LogUnreadable(ILogger logger, string model, string source, string reason);
}

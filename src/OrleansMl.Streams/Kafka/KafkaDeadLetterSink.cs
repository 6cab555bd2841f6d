using Confluent.Kafka;
using OrleansMl.Storage;
using OrleansMl.Streams.Kafka.Records;

namespace OrleansMl.Streams.Kafka;

/// <summary>
/// Writes dead letters to the <c>.dlq</c> topic of their namespace: the record's key and data as they were, and in headers
/// why it lies there and where it came from.
/// </summary>
public sealed class KafkaDeadLetterSink(KafkaTransport transport) : IDeadLetterSink
{
    /// <summary>Headers share a message with the data, whose size has a bound.</summary>
    private const int MostDetail = 4_096;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The provider does not carry a letter's namespace.</exception>
    public async Task WriteAsync(IReadOnlyList<DeadLetter> letters, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(letters);
        foreach (var group in letters.GroupBy(letter => transport.DeadLetterTopicOf(letter.Namespace), StringComparer.Ordinal))
        {
            try
            {
                await transport.AppendRawAsync(group.Key, [.. group.Select(letter => Message(letter, keepsPayload: true))], cancellationToken);
            }
            catch (ArgumentException)
            {
                // A topic made by others may take less than a record's size. The letter says where the record lies; without
                // it the position would wait for ever.
                await transport.AppendRawAsync(group.Key, [.. group.Select(letter => Message(letter, keepsPayload: false))], cancellationToken);
            }
        }
    }

    private static Message<byte[], byte[]> Message(DeadLetter letter, bool keepsPayload)
    {
        var headers = new Headers
        {
            { KafkaHeaderNames.Reason, StrictText.EncodeLossy(letter.Reason) },
            { KafkaHeaderNames.Detail, StrictText.EncodeLossy(letter.Detail.Length > MostDetail ? letter.Detail[..MostDetail] : letter.Detail) },
            { KafkaHeaderNames.LetterSource, StrictText.EncodeLossy(letter.Source) },
            { KafkaHeaderNames.LetterId, StrictText.EncodeLossy(letter.Id) },
        };
        if (letter.RecordId.Length > 0)
            headers.Add(KafkaHeaderNames.Id, StrictText.EncodeLossy(letter.RecordId));
        if (letter.Type.Length > 0)
            headers.Add(KafkaHeaderNames.Type, StrictText.EncodeLossy(letter.Type));
        if (!keepsPayload)
            headers.Add(KafkaHeaderNames.Dropped, StrictText.EncodeLossy($"{letter.Payload.Length} bytes"));
        return new Message<byte[], byte[]>
        {
            Key = StrictText.EncodeLossy(letter.Key),
            Value = keepsPayload ? letter.Payload.ToArray() : [],
            Headers = headers,
        };
    }
}

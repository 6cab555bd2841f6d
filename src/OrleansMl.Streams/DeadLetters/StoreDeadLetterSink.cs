using OrleansMl.Storage;

namespace OrleansMl.Streams;

/// <summary>Dead letters in the silo's store, where the gateway lists them and sends them again.</summary>
public sealed class StoreDeadLetterSink(IDeadLetterStore store) : IDeadLetterSink
{
    public async Task WriteAsync(IReadOnlyList<DeadLetter> letters, CancellationToken cancellationToken) =>
        await store.AppendAsync(letters, cancellationToken);
}

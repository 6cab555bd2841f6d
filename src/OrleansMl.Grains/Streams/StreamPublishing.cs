namespace OrleansMl.Streams;

/// <summary>What a silo puts into streams besides the examples for its trainers.</summary>
public sealed class StreamPublishing
{
    /// <summary>
    /// Namespaces to publish: events, predictions, outcomes. Each costs a further record in the log, written before the
    /// answer. Default: none.
    /// </summary>
    public HashSet<string> Namespaces { get; } = new(StringComparer.Ordinal);

    /// <summary>Streams that the keys of a namespace are spread over. Default 16.</summary>
    public int Shards { get; set; } = 16;

    /// <summary>What can be named in <see cref="Namespaces"/>.</summary>
    public static IReadOnlyList<string> Known { get; } = [OmlStreams.Events, OmlStreams.Predictions, OmlStreams.Outcomes];
}

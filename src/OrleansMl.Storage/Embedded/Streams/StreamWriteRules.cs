namespace OrleansMl.Storage.Embedded.Streams;

/// <summary>What an append to the stream log goes by.</summary>
/// <param name="Time">Clock of the times of appending.</param>
/// <param name="KeptNamespaces">Namespaces whose records stay until their consumers release them.</param>
internal sealed record StreamWriteRules(TimeProvider Time, IReadOnlySet<string> KeptNamespaces)
{
    /// <summary>Queues of the log, as the store was made with.</summary>
    public int Queues { get; init; }

    public bool IsKept(string @namespace) => KeptNamespaces.Contains(@namespace);
}

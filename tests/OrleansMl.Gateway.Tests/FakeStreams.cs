using System.Collections.Immutable;
using OrleansMl.Storage;
using OrleansMl.Streams;

namespace OrleansMl.Gateway.Tests;

/// <summary>Three dead letters, of which the second cannot be replayed as it is; one partition.</summary>
internal sealed class FakeStreams : IStreamService
{
    private readonly Dictionary<string, DeadLetter> _letters = new[] { Letter("a", "{}"u8), Letter("b", "{\"id\":"u8), Letter("c", [0xff]) }.ToDictionary(l => l.Id);

    public IReadOnlyList<PartitionStatus> Partitions { get; } = [new("oml", "queue/0", new LogPosition(5, 9, 12))];

    public (string Provider, string? Partition, LogStart Start)? Rewound { get; private set; }

    public Task<IReadOnlyList<DeadLetter>> ListDeadLettersAsync(string? afterId, int limit, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<DeadLetter>>([.. _letters.Values.Where(l => string.CompareOrdinal(l.Id, afterId) > 0).Take(limit)]);

    public Task<OmlResult<DeadLetter>> GetDeadLetterAsync(string id, CancellationToken cancellationToken) =>
        Task.FromResult<OmlResult<DeadLetter>>(_letters.TryGetValue(id, out var letter) ? letter : OmlError.NotFound("unknown_dead_letter", $"There is no dead letter '{id}'."));

    public async Task<OmlResult<DeadLetter>> ReplayAsync(string id, ReadOnlyMemory<byte>? payload, CancellationToken cancellationToken)
    {
        if (id == "b" && payload is null)
            return OmlError.Invalid("The data is no JSON.", "unparsable");
        if (_letters.TryGetValue(id, out var letter))
            _letters[id] = letter with { Replayed = Samples.Time, Payload = payload ?? letter.Payload };
        return await GetDeadLetterAsync(id, cancellationToken);
    }

    public Task<OmlResult<ImmutableArray<PartitionStatus>>> RewindAsync(string provider, string? partition, LogStart start, CancellationToken cancellationToken)
    {
        Rewound = (provider, partition, start);
        return Task.FromResult<OmlResult<ImmutableArray<PartitionStatus>>>(
            partition is null or "queue/0" ? Partitions.ToImmutableArray() : OmlError.NotFound("unknown_partition", $"There is no partition '{partition}'."));
    }

    private static DeadLetter Letter(string id, ReadOnlySpan<byte> payload) => new()
    {
        Id = id,
        Source = "kafka:oml.events/3@" + id,
        Namespace = OmlStreams.Events,
        Key = "market:NSW",
        Type = "tick",
        RecordId = "e1",
        Reason = "unparsable",
        Detail = "The data is no JSON.",
        Created = Samples.Time,
        Payload = payload.ToArray(),
    };
}

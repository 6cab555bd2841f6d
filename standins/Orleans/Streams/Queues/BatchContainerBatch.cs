using Orleans.Runtime;

namespace Orleans.Streams;

/// <summary>Several messages of one stream, delivered in one call when BatchContainerBatchSize is above 1.</summary>
[GenerateSerializer]
public sealed class BatchContainerBatch : IBatchContainerBatch
{
    public BatchContainerBatch(List<IBatchContainer> batchContainers)
    {
        if (batchContainers is not [var first, ..])
            throw new ArgumentNullException(nameof(batchContainers));
        BatchContainers = batchContainers;
        StreamId = first.StreamId;
        SequenceToken = first.SequenceToken;
    }

    [Id(0)]
    public StreamId StreamId { get; }

    [Id(1)]
    public StreamSequenceToken SequenceToken { get; }

    [Id(2)]
    public List<IBatchContainer> BatchContainers { get; }

    public IEnumerable<Tuple<T, StreamSequenceToken>> GetEvents<T>() => BatchContainers.SelectMany(b => b.GetEvents<T>());

    public bool ImportRequestContext() => BatchContainers[0].ImportRequestContext();
}

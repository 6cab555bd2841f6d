using System.Collections.Immutable;

namespace OrleansMl.Inference;

/// <summary>
/// What a batcher has done, with those before it that counted by the same <see cref="BatchRecorder"/>, in the terms of Triton's statistics extension
/// (<c>docs/protocol/extension_statistics.md</c>). A phase counts once for each request, with the whole batch's duration.
/// </summary>
/// <param name="Success">Requests answered, from arrival to answer.</param>
/// <param name="Fail">Requests not answered: failed, rejected or given up, from arrival to that end. Not those that do not fit the signature.</param>
/// <param name="Queue">From arrival to start; near 0 for requests that never waited.</param>
/// <param name="ComputeInput">Gathering the inputs and handing them to the runtime.</param>
/// <param name="ComputeInfer">The run itself.</param>
/// <param name="ComputeOutput">Reading the outputs and handing them to the requests.</param>
/// <param name="InferenceCount">Rows answered.</param>
/// <param name="ExecutionCount">Batches run with success.</param>
/// <param name="LastInference">When the last batch ended; null: none has.</param>
/// <param name="Batches">By size, ascending; the first 512 sizes that came.</param>
/// <param name="Rejected">Rejections by reason.</param>
/// <param name="Cancelled">Requests whose callers gave up.</param>
/// <param name="Queued">Requests that wait now.</param>
public sealed record BatchingStatistics(
    DurationCount Success,
    DurationCount Fail,
    DurationCount Queue,
    DurationCount ComputeInput,
    DurationCount ComputeInfer,
    DurationCount ComputeOutput,
    long InferenceCount,
    long ExecutionCount,
    DateTimeOffset? LastInference,
    ImmutableArray<BatchSizeStatistics> Batches,
    ImmutableSortedDictionary<string, long> Rejected,
    long Cancelled,
    int Queued);

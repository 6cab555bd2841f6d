using System.Collections.Immutable;
using OrleansMl.Inference;
using OrleansMl.Services;

namespace OrleansMl.Serving;

/// <summary>A request for a version on another silo.</summary>
[GenerateSerializer, Immutable, Alias("oml.ReplicaRequest")]
internal sealed record ReplicaRequest
{
    [Id(0)] public required ModelVersionId Version { get; init; }

    [Id(1)] public required ImmutableArray<TensorMessage> Inputs { get; init; }

    /// <summary>Names wanted, in order; empty: all.</summary>
    [Id(2)] public required ImmutableArray<string> Outputs { get; init; }

    /// <summary>The caller named no version: its answer is compared with those of shadows.</summary>
    [Id(3)] public required bool IsShadowed { get; init; }

    /// <summary>It may be loaded for this request; else it is refused where it is not available.</summary>
    [Id(4)] public required bool MayLoad { get; init; }

    [Id(5)] public ulong Priority { get; init; }

    [Id(6)] public TimeSpan? Timeout { get; init; }

    [Id(7)] public bool HasSequence { get; init; }

    [Id(8)] public ulong SequenceNumber { get; init; }

    [Id(9)] public string? SequenceText { get; init; }

    [Id(10)] public bool SequenceStart { get; init; }

    [Id(11)] public bool SequenceEnd { get; init; }

    /// <summary>How many ensembles it has come through.</summary>
    [Id(12)] public int Depth { get; init; }

    /// <summary>Custom parameters stay behind: no model reads them.</summary>
    public static ReplicaRequest Of(InferRequest request, ModelVersionId version, bool mayLoad) => new()
    {
        Version = version,
        Inputs = TensorMessage.Of(request.Inputs),
        Outputs = [.. request.Outputs],
        IsShadowed = request.Version is null,
        MayLoad = mayLoad,
        Priority = request.Parameters.Priority,
        Timeout = request.Parameters.Timeout,
        HasSequence = request.Parameters.Sequence is not null,
        SequenceNumber = request.Parameters.Sequence?.Number ?? 0,
        SequenceText = request.Parameters.Sequence?.Text,
        SequenceStart = request.Parameters.SequenceStart,
        SequenceEnd = request.Parameters.SequenceEnd,
        Depth = request.Depth,
    };

    public InferParameters ToParameters() => new()
    {
        Priority = Priority,
        Timeout = Timeout,
        Sequence = HasSequence ? new SequenceId(SequenceNumber, SequenceText) : null,
        SequenceStart = SequenceStart,
        SequenceEnd = SequenceEnd,
    };
}

/// <summary>The answer of a version on another silo.</summary>
/// <param name="Outputs">In the order asked for; empty with an error.</param>
/// <param name="Error">Why there is no answer; else null.</param>
/// <param name="Load">Requests that wait for the version or run on it: what the next choice goes by.</param>
/// <param name="Version">That answered: a sequence stays with the one it was begun on; 0 with an error.</param>
[GenerateSerializer, Immutable, Alias("oml.ReplicaReply")]
internal sealed record ReplicaReply([property: Id(0)] ImmutableArray<TensorMessage> Outputs, [property: Id(1)] OmlError? Error, [property: Id(2)] int Load, [property: Id(3)] int Version = 0);

/// <summary>Vectors for a version on another silo.</summary>
/// <param name="Version">The version.</param>
/// <param name="Vectors">Values in the order of the model's columns, a row for each vector.</param>
[GenerateSerializer, Immutable, Alias("oml.ReplicaVectors")]
internal sealed record ReplicaVectors([property: Id(0)] ModelVersionId Version, [property: Id(1)] ImmutableArray<ImmutableArray<Scalar>> Vectors);

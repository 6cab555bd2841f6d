using System.Collections.Immutable;

namespace OrleansMl.Inference;

/// <summary>
/// Runs a model on made-up inputs before callers do, so that the first request of each batch size pays neither for
/// planning nor for memory.
/// </summary>
public static class WarmUp
{
    // A text that models which parse numbers take too.
    private static readonly ReadOnlyMemory<byte> s_text = "0"u8.ToArray();

    /// <summary>Runs each batch size once. A failure is reported, not thrown: zeros need not be a valid request.</summary>
    /// <param name="model">A loaded model.</param>
    /// <param name="batchSizes">Rows, each ≥ 1. Where the graph fixes the first dimension, that size is run, once.</param>
    /// <param name="time">Clock that measures.</param>
    /// <param name="cancellationToken">Ends it between two runs.</param>
    public static ImmutableArray<WarmUpStep> Run(OnnxModel model, IEnumerable<int> batchSizes, TimeProvider time, CancellationToken cancellationToken = default)
    {
        var steps = ImmutableArray.CreateBuilder<WarmUpStep>();
        var isFree = HasFreeBatch(model.Signature);
        foreach (var size in batchSizes.Distinct())
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
            cancellationToken.ThrowIfCancellationRequested();
            steps.Add(RunOnce(model, size, time));
            if (!isFree)
                break;
        }

        return steps.ToImmutable();
    }

    /// <summary>Inputs that fit a signature: zeros, and "0" for texts. Free dimensions are 1, a free first one is the batch.</summary>
    public static IReadOnlyList<Tensor> InputsFor(ModelSignature signature, int batchSize) =>
        [.. signature.Inputs.Select(input => InputFor(input, batchSize))];

    private static bool HasFreeBatch(ModelSignature signature) =>
        signature.Inputs.Any(i => !i.HasShape || i.Shape is [-1, ..]);

    private static WarmUpStep RunOnce(OnnxModel model, int size, TimeProvider time)
    {
        var start = time.GetTimestamp();
        string? failure = null;
        try
        {
            model.Run(InputsFor(model.Signature, size));
        }
        catch (Exception exception) when (exception is InferenceInputException or InferenceRunException or ArgumentException or OverflowException or OutOfMemoryException)
        {
            failure = exception.Message;
        }

        return new WarmUpStep(size, time.GetElapsedTime(start), failure);
    }

    private static Tensor InputFor(TensorSpec input, int batchSize)
    {
        var shape = input.HasShape ? [.. input.Shape] : new long[] { batchSize };
        for (var d = 0; d < shape.Length; d++)
        {
            if (shape[d] < 0)
                shape[d] = d == 0 ? batchSize : 1;
        }

        var count = Tensor.ElementCount(shape);
        if (input.Type != TensorType.Bytes)
            return new Tensor(input.Name, input.Type, shape, new byte[checked(count * input.Type.Size())]);
        var texts = new ReadOnlyMemory<byte>[count];
        Array.Fill(texts, s_text);
        return new Tensor(input.Name, shape, texts);
    }
}

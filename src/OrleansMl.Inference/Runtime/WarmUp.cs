using System.Collections.Immutable;

namespace OrleansMl.Inference;

/// <summary>
/// Runs a model on a recorded request or on made-up inputs before callers do, so that the first request of each batch size pays neither for
/// planning nor for memory.
/// </summary>
public static class WarmUp
{
    // A size beyond it is met by nobody, or is warmed by whoever meets it.
    private const long LargestInput = 256L << 20;

    // A text that models which parse numbers take too.
    private static readonly ReadOnlyMemory<byte> s_text = "0"u8.ToArray();

    /// <summary>Runs each batch size once. A failure is reported, not thrown: zeros need not be a valid request.</summary>
    /// <param name="model">A loaded model.</param>
    /// <param name="batchSizes">Rows, each ≥ 1. Where the graph fixes the first dimension, that size is run, once.</param>
    /// <param name="time">Clock that measures.</param>
    /// <param name="recorded">A request that was answered; null, or one that does not fit this signature: made-up values.</param>
    /// <param name="cancellationToken">Ends it between two runs.</param>
    public static ImmutableArray<WarmUpStep> Run(OnnxModel model, IEnumerable<int> batchSizes, TimeProvider time, IReadOnlyList<Tensor>? recorded = null, CancellationToken cancellationToken = default)
    {
        var steps = ImmutableArray.CreateBuilder<WarmUpStep>();
        var isFree = HasFreeBatch(model.Signature);
        foreach (var size in batchSizes.Distinct())
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
            cancellationToken.ThrowIfCancellationRequested();
            steps.Add(RunOnce(model, size, time, recorded));
            if (!isFree)
                break;
        }

        return steps.ToImmutable();
    }

    /// <summary>Inputs that fit a signature: zeros, and "0" for texts. Free dimensions are 1, a free first one is the batch.</summary>
    public static IReadOnlyList<Tensor> InputsFor(ModelSignature signature, int batchSize) =>
        [.. signature.Inputs.Select(input => InputFor(input, batchSize))];

    /// <summary>The first row of a request, as often as the batch has rows; null: the request is not one for this signature.</summary>
    /// <param name="signature">Of the model to warm.</param>
    /// <param name="request">A tensor for each input.</param>
    /// <param name="batchSize">Rows, ≥ 1.</param>
    public static IReadOnlyList<Tensor>? Repeat(ModelSignature signature, IReadOnlyList<Tensor> request, int batchSize)
    {
        try
        {
            RequestCheck.Inputs(signature, request);
            return [.. signature.Inputs.Select(i => Repeat(i, request.First(t => t.Name == i.Name), batchSize))];
        }
        catch (InferenceInputException)
        {
            return null;
        }
    }

    private static Tensor Repeat(TensorSpec input, Tensor tensor, int batchSize)
    {
        if (input.HasShape && input.Shape is not [-1, ..])
            return tensor;
        if (tensor.Shape.IsEmpty || tensor.Shape.Span[0] == 0)
            return tensor;
        var rows = (int)tensor.Shape.Span[0];
        var shape = tensor.Shape.ToArray();
        shape[0] = batchSize;
        if (tensor.Type == TensorType.Bytes)
        {
            var row = tensor.Elements[..(tensor.Elements.Length / rows)];
            return new Tensor(tensor.Name, shape, Enumerable.Repeat(row, batchSize).SelectMany(r => r.ToArray()).ToArray());
        }

        var width = tensor.Data.Length / rows;
        var data = new byte[checked(width * batchSize)];
        for (var i = 0; i < batchSize; i++)
            tensor.Data.Span[..width].CopyTo(data.AsSpan(i * width));
        return new Tensor(tensor.Name, tensor.Type, shape, data);
    }

    private static bool HasFreeBatch(ModelSignature signature) =>
        signature.Inputs.Any(i => !i.HasShape || i.Shape is [-1, ..]);

    private static WarmUpStep RunOnce(OnnxModel model, int size, TimeProvider time, IReadOnlyList<Tensor>? recorded)
    {
        var start = time.GetTimestamp();
        string? failure = null;
        try
        {
            if (BytesOf(model.Signature, size) > LargestInput)
                throw new OverflowException($"the inputs of {size} rows take more than {LargestInput >> 20} MiB");
            model.Run((recorded is null ? null : Repeat(model.Signature, recorded, size)) ?? InputsFor(model.Signature, size));
        }
        catch (Exception exception) when (exception is InferenceInputException or InferenceRunException or ArgumentException or OverflowException or OutOfMemoryException)
        {
            failure = exception.Message;
        }

        return new WarmUpStep(size, time.GetElapsedTime(start), failure);
    }

    /// <summary>Of made-up inputs, at least; a text is a reference.</summary>
    private static double BytesOf(ModelSignature signature, int batchSize)
    {
        var bytes = 0.0;
        foreach (var input in signature.Inputs)
        {
            double of = input.Type == TensorType.Bytes ? 16 : input.Type.Size();
            for (var d = 0; d < input.Shape.Length; d++)
                of *= input.Shape[d] >= 0 ? input.Shape[d] : d == 0 ? batchSize : 1;
            bytes += of;
        }

        return bytes;
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

using System.Collections.Immutable;

namespace OrleansMl.Inference;

/// <summary>The tensors of a model whose shapes are known but for the rows: what can be bound to memory before a run. Pure.</summary>
internal sealed class BoundLayout
{
    private BoundLayout(ImmutableArray<BoundTensor> inputs, ImmutableArray<BoundTensor> outputs) => (Inputs, Outputs) = (inputs, outputs);

    /// <summary>In the signature's order.</summary>
    public ImmutableArray<BoundTensor> Inputs { get; }

    public ImmutableArray<BoundTensor> Outputs { get; }

    /// <summary>The layout; or null and, in words, which tensor cannot be bound.</summary>
    public static BoundLayout? Of(ModelSignature signature, out string? why)
    {
        why = signature.Inputs.Select(i => WhyNot("input", i)).Concat(signature.Outputs.Select(o => WhyNot("output", o))).FirstOrDefault(w => w is not null);
        if (!signature.Parts.IsEmpty)
            why ??= $"output '{signature.Parts.Values.First().Source}' is a sequence or a map";
        return why is not null ? null : new BoundLayout([.. signature.Inputs.Select(BoundTensor.Of)], [.. signature.Outputs.Select(BoundTensor.Of)]);
    }

    /// <summary>
    /// Rows of a request that fits the signature, and its tensors in the layout's order; −1: they do not agree. Where no input
    /// has a free first dimension it is one run of whatever size: 1.
    /// </summary>
    /// <param name="inputs">They fit the signature.</param>
    /// <param name="order">Written: for each tensor of the layout its place among the inputs; empty: nobody asks.</param>
    public int RowsOf(IReadOnlyList<Tensor> inputs, Span<int> order)
    {
        long rows = -1;
        for (var i = 0; i < Inputs.Length; i++)
        {
            var at = 0;
            while (inputs[at].Name != Inputs[i].Name)
                at++;
            if (!order.IsEmpty)
                order[i] = at;
            if (!Inputs[i].HasRows)
                continue;
            var own = inputs[at].Shape.Span[0];
            if (rows >= 0 && rows != own)
                return -1;
            rows = own;
        }

        return rows > int.MaxValue ? -1 : (int)(rows < 0 ? 1 : rows);
    }

    /// <summary>Bytes of the inputs of so many rows.</summary>
    public long InputBytesOf(int rows)
    {
        long bytes = 0;
        foreach (var tensor in Inputs)
            bytes += tensor.BytesOf(rows);
        return bytes;
    }

    /// <summary>Bytes that a run of so many rows takes on the GPU, beside the model's own.</summary>
    public long BytesOf(int rows)
    {
        var bytes = InputBytesOf(rows);
        foreach (var tensor in Outputs)
            bytes += tensor.BytesOf(rows);
        return bytes;
    }

    private static string? WhyNot(string kind, TensorSpec spec) =>
        spec.Type == TensorType.Bytes ? $"{kind} '{spec.Name}' is BYTES"
        : !spec.HasShape ? $"{kind} '{spec.Name}' states no shape"
        : spec.Shape.Skip(1).Any(d => d < 0) ? $"{kind} '{spec.Name}' has the shape {spec.ShapeText}, in which more than the first dimension is free"
        : null;
}

/// <summary>A tensor of a fixed size a row.</summary>
/// <param name="Name">Of the input or output.</param>
/// <param name="Type">Of its elements.</param>
/// <param name="Shape">The first dimension is −1 where it counts rows.</param>
internal sealed record BoundTensor(string Name, TensorType Type, ImmutableArray<long> Shape)
{
    public bool HasRows => Shape is [-1, ..];

    public static BoundTensor Of(TensorSpec spec) => new(spec.Name, spec.Type, spec.Shape);

    public long[] ShapeOf(int rows)
    {
        long[] shape = [.. Shape];
        if (HasRows)
            shape[0] = rows;
        return shape;
    }

    /// <summary>Its size, or 2^40 where it is larger: a file may state any shape.</summary>
    public long BytesOf(int rows)
    {
        const long Most = 1L << 40;
        Int128 bytes = Type.Size();
        foreach (var dimension in Shape)
            bytes = bytes > Most && dimension != 0 ? Most : bytes * (dimension < 0 ? rows : dimension);
        return (long)Int128.Min(bytes, Most);
    }
}

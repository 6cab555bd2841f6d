namespace OrleansMl.Inference;

/// <summary>
/// Memory for the outputs of a model whose shapes are known but for the rows: the runtime writes them where they are handed out
/// from, and nothing is copied. Thread-safe.
/// </summary>
internal sealed class KnownOutputs
{
    private readonly BoundLayout _layout;
    private volatile bool _isRefuted;

    private KnownOutputs(BoundLayout layout) => _layout = layout;

    /// <summary>Null: a tensor has no size a row that is known.</summary>
    public static KnownOutputs? Of(ModelSignature signature) => BoundLayout.Of(signature, out _) is { } layout ? new KnownOutputs(layout) : null;

    /// <summary>Tensors to be filled, in the order asked for; null: the runtime is to find their shapes.</summary>
    public Tensor[]? Make(IReadOnlyList<Tensor> inputs, IReadOnlyList<string> wanted)
    {
        if (_isRefuted)
            return null;
        var rows = _layout.RowsOf(inputs, []);
        if (rows < 1)
            return null;
        var tensors = new Tensor[wanted.Count];
        for (var i = 0; i < tensors.Length; i++)
        {
            var output = Find(wanted[i]);
            var bytes = output.BytesOf(rows);
            if (bytes == 0 || bytes > Array.MaxLength)
                return null;
            tensors[i] = new Tensor(output.Name, output.Type, output.ShapeOf(rows), GC.AllocateUninitializedArray<byte>((int)bytes));
        }

        return tensors;
    }

    /// <summary>A run gave other shapes than the signature: a graph may state what it likes.</summary>
    public void Refute() => _isRefuted = true;

    private BoundTensor Find(string name)
    {
        var outputs = _layout.Outputs;
        var at = 0;
        while (outputs[at].Name != name)
            at++;
        return outputs[at];
    }
}

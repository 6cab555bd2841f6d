using System.Collections.Immutable;

namespace OrleansMl.Inference;

/// <summary>
/// Which requests of a model may share a batch: the first dimension of all inputs and of the outputs asked for must be
/// the rows. The signature tells of most models; what it leaves open shows when a batch has run.
/// </summary>
internal sealed class BatchDimension
{
    private readonly ModelSignature _signature;
    private readonly int _maxRows;
    private readonly bool _runsLargerAlone;

    // Outputs that cannot be handed out by rows, each with why. Replaced as a whole, so it is read without a lock.
    private ImmutableDictionary<string, string> _whole;

    public BatchDimension(ModelSignature signature, int maxRows, bool runsLargerAlone = false)
    {
        (_signature, _maxRows, _runsLargerAlone) = (signature, maxRows, runsLargerAlone);
        WhyNever = InputReason(signature);
        _whole = signature.Outputs
            .Select(o => (o.Name, Reason: OutputReason(signature, o)))
            .Where(o => o.Reason is not null)
            .ToImmutableDictionary(o => o.Name, o => o.Reason!);
    }

    /// <summary>Why no request of this model can share a batch; null: some can.</summary>
    public string? WhyNever { get; }

    /// <summary>Every reason that is known now: for the model, or for single outputs of it.</summary>
    public ImmutableArray<string> Reasons => WhyNever is not null ? [WhyNever] : [.. Volatile.Read(ref _whole).Values.Order(StringComparer.Ordinal)];

    /// <summary>The rows of a request; 1 where its inputs have none.</summary>
    /// <param name="inputs">They fit the signature.</param>
    /// <param name="wanted">Outputs asked for.</param>
    /// <param name="isAlone">It must not share a batch.</param>
    /// <exception cref="InferenceInputException">More rows than a batch may have.</exception>
    public int RowsOf(IReadOnlyList<Tensor> inputs, IReadOnlyList<string> wanted, out bool isAlone)
    {
        isAlone = true;
        if (WhyNever is not null || inputs.Count == 0)
            return 1;
        for (var i = 0; i < inputs.Count; i++)
        {
            // Inputs of different lengths, or without one, may be right for the model; only they have no rows in common.
            if (inputs[i].Shape.Length == 0 || inputs[i].Shape.Span[0] != inputs[0].Shape.Span[0])
                return 1;
        }

        var rows = inputs[0].Shape.Span[0];
        if (rows > _maxRows && _runsLargerAlone)
            return (int)Math.Min(rows, int.MaxValue);
        if (rows > _maxRows)
            throw new InferenceInputException($"The request has {rows} rows; this model takes at most {_maxRows} at once (MaxBatchRows). Send fewer in each request.");
        isAlone = rows == 0 || !AreSplittable(wanted);
        return (int)rows;
    }

    /// <summary>All of these outputs have the rows first, as far as is known.</summary>
    public bool AreSplittable(IReadOnlyList<string> outputs)
    {
        var whole = Volatile.Read(ref _whole);
        if (whole.IsEmpty)
            return true;
        for (var i = 0; i < outputs.Count; i++)
        {
            if (whole.ContainsKey(outputs[i]))
                return false;
        }

        return true;
    }

    /// <summary>Checks what a batch gave; outputs that turn out not to have the rows first are never batched again.</summary>
    /// <returns>All can be handed out by rows.</returns>
    public bool Check(IReadOnlyList<Tensor> outputs, int rows)
    {
        var areAll = true;
        foreach (var output in outputs)
        {
            if (!output.Shape.IsEmpty && output.Shape.Span[0] == rows)
                continue;
            areAll = false;
            Mark(output.Name, $"Output '{output.Name}' of a batch of {rows} rows had the shape [{string.Join(',', output.Shape.ToArray())}], whose first dimension is not the rows.");
        }

        return areAll;
    }

    /// <summary>Requests that ask for this output run alone from now on.</summary>
    public void Mark(string output, string reason) => ImmutableInterlocked.TryAdd(ref _whole, output, reason);

    /// <summary>The inputs in the signature's order.</summary>
    public IReadOnlyList<Tensor> InOrder(IReadOnlyList<Tensor> inputs)
    {
        var specs = _signature.Inputs;
        for (var i = 0; i < specs.Length; i++)
        {
            if (inputs[i].Name != specs[i].Name)
                return [.. specs.Select(s => inputs.First(t => t.Name == s.Name))];
        }

        return inputs;
    }

    private static string? OutputReason(ModelSignature signature, TensorSpec output)
    {
        if (signature.Parts.TryGetValue(output.Name, out var part) && part.Kind is OutputPartKind.SequenceElements or OutputPartKind.SequenceShapes)
            return $"Output '{output.Name}' is of a sequence, which has no rows.";
        return output.HasShape && output.Shape is [] or [>= 0, ..] ? $"Output '{output.Name}' has the shape {output.ShapeText}, whose first dimension is not the rows." : null;
    }

    private static string? InputReason(ModelSignature signature)
    {
        foreach (var input in signature.Inputs)
        {
            if (input.HasShape && input.Shape is [] or [>= 0, ..])
                return $"Input '{input.Name}' has the shape {input.ShapeText}, whose first dimension is not free.";
        }

        return signature.Inputs.IsEmpty ? "The model has no inputs." : null;
    }
}

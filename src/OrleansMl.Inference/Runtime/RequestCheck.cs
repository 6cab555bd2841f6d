using System.Globalization;

namespace OrleansMl.Inference;

/// <summary>Checks a request against a signature before the runtime sees it.</summary>
internal static class RequestCheck
{
    /// <summary>Every input is there once, and fits in type, rank and shape.</summary>
    /// <exception cref="InferenceInputException">One does not.</exception>
    public static void Inputs(ModelSignature signature, IReadOnlyList<Tensor> inputs)
    {
        for (var i = 0; i < inputs.Count; i++)
        {
            var tensor = inputs[i] ?? throw new InferenceInputException($"Input {i} is null; send a tensor.");
            var spec = signature.FindInput(tensor.Name)
                ?? throw new InferenceInputException($"There is no input '{tensor.Name}' (inputs: {Names(signature.Inputs)}).");
            for (var j = 0; j < i; j++)
            {
                if (inputs[j].Name == tensor.Name)
                    throw new InferenceInputException($"Input '{tensor.Name}' is sent twice; send it once.");
            }

            Fits(spec, tensor);
        }

        if (inputs.Count != signature.Inputs.Length)
            throw Missing(signature, inputs);
    }

    /// <summary>The outputs to compute, in the order asked for; all when none is named.</summary>
    /// <exception cref="InferenceInputException">One does not exist, cannot travel, or is asked for twice.</exception>
    public static IReadOnlyList<string> Outputs(ModelSignature signature, string[] all, IReadOnlyList<string>? outputs)
    {
        if (outputs is null or { Count: 0 })
            return all;
        for (var i = 0; i < outputs.Count; i++)
        {
            var name = outputs[i];
            if (name is not null && signature.OtherOutputs.TryGetValue(name, out var found))
                throw new InferenceInputException($"Output '{name}' is {found}, which cannot be sent; ask for {Names(signature.Outputs)}, or export the model with tensor outputs.");
            if (name is null || signature.FindOutput(name) is null)
                throw new InferenceInputException($"There is no output '{name}' (outputs: {Names(signature.Outputs)}).");
            for (var j = 0; j < i; j++)
            {
                if (outputs[j] == name)
                    throw new InferenceInputException($"Output '{name}' is asked for twice; ask once.");
            }
        }

        return outputs;
    }

    // Apart: what its lambdas capture would be allocated for every request.
    private static InferenceInputException Missing(ModelSignature signature, IReadOnlyList<Tensor> inputs)
    {
        var missing = signature.Inputs.Where(s => inputs.All(t => t.Name != s.Name)).Select(s => $"'{s.Name}' ({s.Type.ToProtocolName()}, {s.ShapeText})");
        return new InferenceInputException($"The request lacks {string.Join(", ", missing)}; send every input.");
    }

    private static void Fits(TensorSpec spec, Tensor tensor)
    {
        if (tensor.Type != spec.Type)
            throw new InferenceInputException($"Input '{spec.Name}' is {tensor.Type.ToProtocolName()}; the model takes {spec.Type.ToProtocolName()}.");
        if (spec.HasShape)
        {
            var shape = tensor.Shape.Span;
            if (shape.Length != spec.Shape.Length)
                throw new InferenceInputException(string.Create(CultureInfo.InvariantCulture, $"Input '{spec.Name}' has shape {Text(shape)} of rank {shape.Length}; the model takes {spec.ShapeText} of rank {spec.Shape.Length}."));
            for (var d = 0; d < shape.Length; d++)
            {
                if (spec.Shape[d] >= 0 && spec.Shape[d] != shape[d])
                    throw new InferenceInputException(string.Create(CultureInfo.InvariantCulture, $"Input '{spec.Name}' has shape {Text(shape)}; dimension {d} is {shape[d]}, the model takes {spec.Shape[d]} ({spec.ShapeText})."));
            }
        }

        // Any other byte is undefined behaviour in native code.
        if (tensor.Type == TensorType.Bool && tensor.Data.Span.IndexOfAnyExceptInRange((byte)0, (byte)1) is >= 0 and var at)
            throw new InferenceInputException(string.Create(CultureInfo.InvariantCulture, $"Input '{spec.Name}' has the byte {tensor.Data.Span[at]} at element {at}; BOOL takes 0 or 1."));
    }

    private static string Text(ReadOnlySpan<long> shape) => $"[{string.Join(',', shape.ToArray())}]";

    private static string Names(IEnumerable<TensorSpec> specs) => string.Join(", ", specs.Select(s => $"'{s.Name}'"));
}

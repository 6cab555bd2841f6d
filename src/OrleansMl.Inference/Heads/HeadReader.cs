using OrleansMl.Inference.Onnx;
using OrleansMl.Learning;

namespace OrleansMl.Inference;

/// <summary>Reads the weights of a layer, and refuses layers that are not learned.</summary>
internal static class HeadReader
{
    /// <summary>The product that an Add brings constants to; null where it adds anything else.</summary>
    public static NodeProto? Product(GraphIndex index, NodeProto addition)
    {
        for (var i = 0; i < 2 && addition.Input.Count == 2; i++)
        {
            if (index.Maker(addition.Input[i]) is { OpType: "MatMul" } product && index.Constant(addition.Input[1 - i]) is not null)
                return product;
        }

        return null;
    }

    /// <exception cref="HeadException">unsupported</exception>
    public static HeadLayer Read(GraphIndex index, NodeProto node, HeadPath path)
    {
        var addition = node.OpType == "MatMul" && index.Readers(node.Output[0]) is [{ OpType: "Add" } only] && Product(index, only) == node && !index.IsOutput(node.Output[0]) ? only : null;
        if (WhyNot(index, node, path) is { } why)
            throw new HeadException(HeadCodes.Unsupported, $"The head, {node.OpType} '{node.Output[0]}', {why}.");
        var rowsFirst = node.OpType == "Conv" || Int(node, "transB", 0) == 1;
        var (values, shape) = Weights(index, node);
        var (rows, width) = rowsFirst ? ((int)shape[0], (int)shape[1]) : ((int)shape[1], (int)shape[0]);
        var (alpha, beta) = node.OpType == "Gemm" ? (Float(node, "alpha"), Float(node, "beta")) : (1, 1);
        var weights = new double[rows * width];
        for (var r = 0; r < rows; r++)
        {
            for (var j = 0; j < width; j++)
                weights[(r * width) + j] = alpha * values[rowsFirst ? (r * width) + j : (j * rows) + r];
        }

        var bias = Bias(index, node, addition, rows, beta);
        return new HeadLayer(node, addition, rowsFirst, new HeadModel([.. weights], [.. bias], Link.Identity));
    }

    /// <summary>The operand of an Add that is constant.</summary>
    public static int ConstantOperand(GraphIndex index, NodeProto addition) => index.Constant(addition.Input[1]) is not null ? 1 : 0;

    public static long Int(NodeProto node, string name, long fallback) => node.Attribute.FirstOrDefault(a => a.Name == name)?.I ?? fallback;

    public static double Float(NodeProto node, string name) => node.Attribute.FirstOrDefault(a => a.Name == name)?.F ?? 1;

    private static string? WhyNot(GraphIndex index, NodeProto node, HeadPath path)
    {
        var weights = node.Input[1];
        if (index.Maker(weights)?.OpType == "DequantizeLinear")
            return "has quantised weights; learn the head of the network as it was before, in floating point";
        if (Source(index, weights) is not { } tensor)
            return $"has weights '{weights}' that are computed ({index.Maker(weights)?.OpType ?? "an input"}); export the model with constant weights";
        if (index.Readers(weights).Count > 1 || index.IsOutput(weights))
            return $"shares its weights '{weights}' with other nodes; learning it would change them too";
        if (TensorValues.Read(tensor) is null)
            return $"has weights of type {(TensorProto.Types.DataType)tensor.DataType}; FLOAT, FLOAT16 and DOUBLE are learned";
        if (node.OpType == "Gemm" && Int(node, "transA", 0) != 0)
            return "transposes its input (transA), so rows are no rows of a batch";
        if (node.OpType != "Conv")
            return Weights(index, node).Shape.Length == 2 ? null : $"has weights of {Weights(index, node).Shape.Length} dimensions, not 2";
        if (Weights(index, node).Shape is not [_, _, 1, 1] || Int(node, "group", 1) != 1)
            return $"is a convolution of [{string.Join(',', Weights(index, node).Shape)}] in {Int(node, "group", 1)} groups; a head is one of 1x1 in one group";
        if (node.Attribute.Any(a => (a.Name is "strides" && a.Ints.Any(i => i != 1)) || (a.Name is "pads" && a.Ints.Any(i => i != 0))))
            return "has strides or pads, which change the mean over space";
        var isMean = index.Maker(node.Input[0])?.OpType == "GlobalAveragePool";
        if (!isMean && path.BeforeMean is { } before)
            return $"is followed by a {before} at each place of an image and then the mean over space, and the two do not commute, so the mean that is learned on would not tell what the network answers; export the network with the GlobalAveragePool before the {before}";
        return isMean || path.Operators.Contains("GlobalAveragePool")
            ? null
            : "answers for each place of an image; a head is followed, or preceded, by a GlobalAveragePool";
    }

    private static (double[] Values, long[] Shape) Weights(GraphIndex index, NodeProto node)
    {
        var tensor = Source(index, node.Input[1])!;
        long[] shape = [.. tensor.Dims];
        if (index.Constant(node.Input[1]) is null)
            shape = TensorValues.ReadLongs(index.Constant(index.Maker(node.Input[1])!.Input[1])!)!;
        return (TensorValues.Read(tensor)!, shape);
    }

    /// <summary>The tensor of a constant, or of a constant that is only reshaped.</summary>
    private static TensorProto? Source(GraphIndex index, string value)
    {
        if (index.Constant(value) is { } constant)
            return constant;
        return index.Maker(value) is { OpType: "Reshape", Input.Count: 2 } reshape && index.Constant(reshape.Input[0]) is { } tensor
            && index.Constant(reshape.Input[1]) is { } shape && TensorValues.ReadLongs(shape) is { } sizes && sizes.All(size => size > 0) ? tensor : null;
    }

    private static double[] Bias(GraphIndex index, NodeProto node, NodeProto? addition, int rows, double beta)
    {
        var bias = new double[rows];
        var value = addition is not null ? addition.Input[ConstantOperand(index, addition)] : node.OpType != "MatMul" && node.Input.Count > 2 && node.Input[2].Length > 0 ? node.Input[2] : null;
        if (value is null)
            return bias;
        if (index.Constant(value) is not { } tensor || TensorValues.Read(tensor) is not { } values || (values.Length != 1 && (values.Length != rows || tensor.Dims[^1] != rows)))
            throw new HeadException(HeadCodes.Unsupported, $"The head, {node.OpType} '{node.Output[0]}', adds '{value}', which is not {rows} constants; export the model with one for each score.");
        for (var r = 0; r < rows; r++)
            bias[r] = beta * values[values.Length == 1 ? 0 : r];
        return bias;
    }
}

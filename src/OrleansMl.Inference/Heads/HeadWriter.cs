using Google.Protobuf;
using OrleansMl.Inference.Onnx;
using OrleansMl.Learning;

namespace OrleansMl.Inference;

/// <summary>
/// Puts a learned head into its network. Names of inputs and outputs, types and everything before the head stay; with weights that
/// are those it had, the bytes are those it had.
/// </summary>
public static class HeadWriter
{
    /// <summary>Writes the network and checks it: by the rules of the ONNX checker, and by a run against the head itself.</summary>
    /// <param name="head">Of the network.</param>
    /// <param name="learned">May have more classes than the network's own.</param>
    /// <param name="labels">Names of all classes, for a network that answers with texts; null: it does not, or no class came.</param>
    /// <exception cref="HeadException">The network holds the number of classes where it cannot be changed; or what was written fails a check.</exception>
    public static byte[] Write(NetworkHead head, HeadModel learned, IReadOnlyList<string>? labels = null)
    {
        if (learned.DenseCount != head.Start.DenseCount || learned.Rows < head.Start.Rows || (head.Start.Rows == 1 && learned.Rows != 1))
            throw new HeadException(HeadCodes.WriteFailed, $"A head of [{learned.Rows}, {learned.DenseCount}] does not fit a network whose own is [{head.Start.Rows}, {head.Start.DenseCount}]; the embedding is as wide, and classes only come to those of a head with one score for each.");
        if (learned.Weights.AsSpan().SequenceEqual(head.Start.Weights.AsSpan()) && learned.Bias.AsSpan().SequenceEqual(head.Start.Bias.AsSpan()))
            return head.Bytes.ToArray();
        var model = head.Model.Clone();
        Replace(model, head, learned);
        if (learned.Rows > head.Start.Rows)
            ClassShapes.Widen(model.Graph, head.Layer.Exit, head.Start.Rows, learned.Rows, labels);
        GraphEdits.Sweep(model.Graph, new GraphIndex(head.Model.Graph));
        if (GraphChecker.Check(model) is [_, ..] problems)
            throw new HeadException(HeadCodes.WriteFailed, $"The network with the new head breaks the rules of ONNX: {string.Join("; ", problems.Take(5))}.");
        var bytes = model.ToByteArray();
        HeadTrial.Run(head, learned, bytes);
        return bytes;
    }

    private static void Replace(ModelProto model, NetworkHead head, HeadModel learned)
    {
        var layer = head.Layer;
        var index = new GraphIndex(model.Graph);
        var node = model.Graph.Node.First(one => one.Output.Contains(layer.Node.Output[0]));
        var (rows, width) = (learned.Rows, learned.DenseCount);
        var (alpha, beta) = node.OpType == "Gemm" ? (HeadReader.Float(node, "alpha"), HeadReader.Float(node, "beta")) : (1, 1);
        var weights = new double[rows * width];
        for (var r = 0; r < rows; r++)
        {
            for (var j = 0; j < width; j++)
                weights[layer.RowsFirst ? (r * width) + j : (j * rows) + r] = learned.Weights[(r * width) + j] / alpha;
        }

        long[] shape = layer.IsConvolution ? [rows, width, 1, 1] : layer.RowsFirst ? [rows, width] : [width, rows];
        GraphEdits.SetConstant(model, index, node, 1, weights, shape);
        WriteBias(model, index, layer, node, [.. learned.Bias.Select(b => beta == 0 ? b : b / beta)]);
    }

    private static void WriteBias(ModelProto model, GraphIndex index, HeadLayer layer, NodeProto node, double[] bias)
    {
        if (layer.Addition is not null)
        {
            var addition = model.Graph.Node.First(one => one.Output.Contains(layer.Exit));
            var operand = HeadReader.ConstantOperand(index, addition);
            var dims = index.Constant(addition.Input[operand])!.Dims.Count;
            GraphEdits.SetConstant(model, index, addition, operand, bias, [.. Enumerable.Repeat(1L, Math.Max(0, dims - 1)), bias.Length]);
            return;
        }

        if (node.OpType != "MatMul" && node.Input.Count > 2 && node.Input[2].Length > 0)
        {
            GraphEdits.SetConstant(model, index, node, 2, bias, node.OpType == "Gemm" && index.Constant(node.Input[2])!.Dims.Count == 2 ? [1, bias.Length] : [bias.Length]);
            if (node.Attribute.FirstOrDefault(a => a.Name == "beta") is { F: 0 } off)
                off.F = 1;
            return;
        }

        if (bias.All(b => b == 0))
            return;
        var constant = GraphEdits.AddConstant(model, node, index.Constant(node.Input[1])?.DataType ?? (int)TensorProto.Types.DataType.Float, bias, [bias.Length]);
        if (node.OpType != "MatMul")
        {
            while (node.Input.Count < 3)
                node.Input.Add("");
            node.Input[2] = constant;
            return;
        }

        var (before, after) = (GraphEdits.Fresh(model.Graph, node.Output[0] + "/product"), node.Output[0]);
        node.Output[0] = before;
        model.Graph.Node.Insert(model.Graph.Node.IndexOf(node) + 1, new NodeProto { OpType = "Add", Name = after + "/add", Input = { before, constant }, Output = { after } });
    }
}

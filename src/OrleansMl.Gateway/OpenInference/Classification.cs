using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using OrleansMl.Gateway.Errors;
using OrleansMl.Inference;

namespace OrleansMl.Gateway.OpenInference;

/// <summary>
/// An output as its best classes (<c>extension_classification.md</c>): BYTES [rows, k], each "value:index", highest value first, of equal ones
/// the lower index first, NaN last; with labels "value:index:label". Without a batch dimension [k].
/// </summary>
internal static class Classification
{
    /// <param name="tensor">Numbers.</param>
    /// <param name="classes">k ≥ 1; more than there are mean all.</param>
    /// <param name="isBatched">The first dimension counts rows.</param>
    /// <param name="labels">By index; an index above them has none.</param>
    /// <exception cref="ApiException">400: the output holds no numbers.</exception>
    public static Tensor Of(Tensor tensor, int classes, bool isBatched, IReadOnlyList<string>? labels = null) => tensor.Type switch
    {
        TensorType.UInt8 => Of<byte>(tensor, classes, isBatched, labels ?? []),
        TensorType.UInt16 => Of<ushort>(tensor, classes, isBatched, labels ?? []),
        TensorType.UInt32 => Of<uint>(tensor, classes, isBatched, labels ?? []),
        TensorType.UInt64 => Of<ulong>(tensor, classes, isBatched, labels ?? []),
        TensorType.Int8 => Of<sbyte>(tensor, classes, isBatched, labels ?? []),
        TensorType.Int16 => Of<short>(tensor, classes, isBatched, labels ?? []),
        TensorType.Int32 => Of<int>(tensor, classes, isBatched, labels ?? []),
        TensorType.Int64 => Of<long>(tensor, classes, isBatched, labels ?? []),
        TensorType.Fp16 => Of<Half>(tensor, classes, isBatched, labels ?? []),
        TensorType.Fp32 => Of<float>(tensor, classes, isBatched, labels ?? []),
        TensorType.Fp64 => Of<double>(tensor, classes, isBatched, labels ?? []),
        _ => throw new ApiException(400, "invalid", $"Output '{tensor.Name}' is {tensor.Type.ToProtocolName()}; classification takes outputs of whole numbers, FP16, FP32 or FP64. Ask for it without the parameter."),
    };

    private static Tensor Of<T>(Tensor tensor, int classes, bool isBatched, IReadOnlyList<string> labels)
        where T : unmanaged, INumber<T>
    {
        var values = MemoryMarshal.Cast<byte, T>(tensor.Data.Span).ToArray();
        var rows = isBatched && tensor.Shape.Length > 0 ? (int)tensor.Shape.Span[0] : 1;
        var width = rows == 0 ? 0 : values.Length / rows;
        var k = Math.Min(classes, width);
        var elements = new ReadOnlyMemory<byte>[rows * k];
        var order = new int[width];
        for (var row = 0; row < rows; row++)
        {
            var at = row * width;
            for (var i = 0; i < width; i++)
                order[i] = i;
            Array.Sort(order, (a, b) => Compare(values[at + b], values[at + a]) is var by and not 0 ? by : a.CompareTo(b));
            for (var i = 0; i < k; i++)
                elements[(row * k) + i] = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{values[at + order[i]]}:{order[i]}{(order[i] < labels.Count ? ":" + labels[order[i]] : "")}"));
        }

        return new Tensor(tensor.Name, isBatched ? new long[] { rows, k } : new long[] { k }, elements);
    }

    private static int Compare<T>(T a, T b)
        where T : INumber<T> => T.IsNaN(a) ? (T.IsNaN(b) ? 0 : -1) : T.IsNaN(b) ? 1 : a.CompareTo(b);
}

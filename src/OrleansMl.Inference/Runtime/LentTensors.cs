using System.Buffers;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace OrleansMl.Inference;

/// <summary>Tensors lent to the runtime for one run: pinned where they lie, copied only where native code cannot read them.</summary>
internal sealed class LentTensors(int capacity) : IDisposable
{
    // Some place to point at for tensors without elements.
    private static readonly byte[] s_nothing = GC.AllocateArray<byte>(8, pinned: true);

    private readonly List<OrtValue> _values = new(capacity);
    private readonly List<MemoryHandle> _pins = new(capacity);

    public IReadOnlyCollection<OrtValue> Values => _values;

    /// <param name="tensor">An input, or an output that the runtime is to write into the tensor's memory.</param>
    public void Add(Tensor tensor)
    {
        var shape = tensor.Shape.ToArray();
        if (tensor.Type == TensorType.Bytes)
            AddStrings(tensor, shape);
        else
            AddFixed(tensor, shape);
    }

    public void Dispose()
    {
        foreach (var value in _values)
            value.Dispose();
        foreach (var pin in _pins)
            pin.Dispose();
    }

    private void AddStrings(Tensor tensor, long[] shape)
    {
        var value = OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, shape);
        _values.Add(value);
        var elements = tensor.Elements.Span;
        for (var i = 0; i < elements.Length; i++)
            value.StringTensorSetElementAt(elements[i].Span, i);
    }

    private unsafe void AddFixed(Tensor tensor, long[] shape)
    {
        ReadOnlyMemory<byte> data = tensor.Data.IsEmpty ? s_nothing : tensor.Data;
        var pin = data.Pin();
        // A tensor cut out of a request body may start at any byte; vector code reads whole elements.
        if ((nuint)pin.Pointer % (nuint)tensor.Type.Size() != 0)
        {
            pin.Dispose();
            data = data.ToArray();
            pin = data.Pin();
        }

        _pins.Add(pin);
        _values.Add(OrtValue.CreateTensorValueWithData(OrtMemoryInfo.DefaultInstance, (TensorElementType)OnnxTypes.ToOnnx(tensor.Type), shape, (nint)pin.Pointer, data.Length));
    }
}

using Microsoft.ML.OnnxRuntime;

namespace OrleansMl.Inference;

/// <summary>Copies results of the runtime into tensors of our own.</summary>
internal static class NativeOutputs
{
    public static Tensor Read(string name, OrtValue value)
    {
        if (!value.IsTensor)
            throw new InferenceInputException($"Output '{name}' is a {value.OnnxType}, not a tensor, and cannot be sent; ask for the other outputs.");
        var info = value.GetTensorTypeAndShape();
        var shape = info.Shape;
        if (OnnxTypes.ToTensorType((int)info.ElementDataType) is not { } type)
            throw new InferenceInputException($"Output '{name}' has the element type {info.ElementDataType}, which the protocol lacks; ask for the other outputs.");

        if (type == TensorType.Bytes)
        {
            var elements = new ReadOnlyMemory<byte>[Tensor.ElementCount(shape)];
            for (var i = 0; i < elements.Length; i++)
                elements[i] = value.GetStringElementAsSpan(i).ToArray();
            return new Tensor(name, shape, elements);
        }

        var bytes = Tensor.ElementCount(shape) * type.Size();
        if (bytes > Array.MaxLength)
            throw new InferenceInputException($"Output '{name}' has {bytes} bytes; at most {Array.MaxLength} can be sent. Send fewer rows.");
        var data = GC.AllocateUninitializedArray<byte>((int)bytes);
        value.GetTensorMutableRawData().CopyTo(data);
        return new Tensor(name, type, shape, data);
    }
}

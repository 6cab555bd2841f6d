using Microsoft.ML.OnnxRuntime;

namespace OrleansMl.Inference.Tests.Export;

/// <summary>One run in ONNX Runtime itself, nothing of this project between.</summary>
internal static class Onnx
{
    /// <param name="model">Bytes.</param>
    /// <param name="inputs">Per name float[], long[] or string[] of rows × width.</param>
    /// <param name="rows">N.</param>
    public static IReadOnlyDictionary<string, Array> Run(byte[] model, IReadOnlyDictionary<string, (Array Data, long Width)> inputs, long rows)
    {
        using var options = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1 };
        using var session = new InferenceSession(model, options);
        var values = inputs.ToDictionary(input => input.Key, input => Value(input.Value.Data, [rows, input.Value.Width]));
        try
        {
            using var run = new RunOptions();
            using var results = session.Run(run, values, session.OutputNames);
            return session.OutputNames.Zip(results, (name, value) => (name, Data: Read(value))).ToDictionary(output => output.name, output => output.Data);
        }
        finally
        {
            foreach (var value in values.Values)
                value.Dispose();
        }
    }

    private static OrtValue Value(Array data, long[] shape)
    {
        switch (data)
        {
            case float[] floats:
                return OrtValue.CreateTensorValueFromMemory(floats, shape);
            case long[] longs:
                return OrtValue.CreateTensorValueFromMemory(longs, shape);
            case string[] texts:
                var value = OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, shape);
                for (var i = 0; i < texts.Length; i++)
                    value.StringTensorSetElementAt(texts[i].AsSpan(), i);
                return value;
            default:
                throw new ArgumentException($"{data.GetType()} is no input.", nameof(data));
        }
    }

    private static Array Read(OrtValue value) => value.GetTensorTypeAndShape().ElementDataType switch
    {
        Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Float => value.GetTensorDataAsSpan<float>().ToArray(),
        Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Int64 => value.GetTensorDataAsSpan<long>().ToArray(),
        _ => value.GetStringTensorAsArray(),
    };
}

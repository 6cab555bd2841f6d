using Microsoft.ML.OnnxRuntime;

namespace OrleansMl.Inference.Tests.Conformance;

/// <summary>Maps as ONNX Runtime itself gives them, nothing of this project between.</summary>
internal static class Native
{
    /// <summary>One output that is a sequence of maps: per row each key, as text, with its value.</summary>
    public static List<SortedDictionary<string, float>> RunMaps(byte[] model, string input, float[] data, long[] shape, string output)
    {
        using var options = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1 };
        using var session = new InferenceSession(model, options);
        using var run = new RunOptions();
        using var value = OrtValue.CreateTensorValueFromMemory(data, shape);
        using var results = session.Run(run, [input], [value], [output]);
        var rows = new List<SortedDictionary<string, float>>();
        results[0].ProcessSequence(
            (map, _) => map.ProcessMap(
                (keys, values) =>
                {
                    var texts = keys.GetTensorTypeAndShape().IsString
                        ? keys.GetStringTensorAsArray()
                        : [.. keys.GetTensorDataAsSpan<long>().ToArray().Select(k => $"{k}")];
                    var numbers = values.GetTensorDataAsSpan<float>().ToArray();
                    rows.Add(new(texts.Zip(numbers).ToDictionary(p => p.First, p => p.Second), StringComparer.Ordinal));
                },
                OrtAllocator.DefaultInstance),
            OrtAllocator.DefaultInstance);
        return rows;
    }

    /// <summary>The same rows out of our two tensors.</summary>
    public static List<SortedDictionary<string, float>> Zip(Tensor keys, Tensor values)
    {
        Assert.Equal(keys.Shape.ToArray(), values.Shape.ToArray());
        string[] texts = keys.Type == TensorType.Bytes ? keys.Texts() : [.. keys.Values<long>().Select(k => $"{k}")];
        return [.. texts.Zip(values.Values<float>()).Chunk((int)keys.Shape.Span[1])
            .Select(row => new SortedDictionary<string, float>(row.ToDictionary(p => p.First, p => p.Second), StringComparer.Ordinal))];
    }
}

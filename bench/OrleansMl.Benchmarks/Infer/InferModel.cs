using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace OrleansMl.Benchmarks.Infer;

/// <summary>A network of the benchmarks, where the server finds it, and requests for it.</summary>
internal static class InferModel
{
    /// <summary>What every server calls its model.</summary>
    public const string Name = "bench";

    public const string Path = $"/v2/models/{Name}/infer";

    /// <summary>Puts a version into a models folder: whole, or not at all.</summary>
    public static void Write(string models, byte[] model, int version = 1, string? config = null, string name = Name)
    {
        var folder = Directory.CreateDirectory(System.IO.Path.Combine(models, name));
        if (config is not null)
            File.WriteAllText(System.IO.Path.Combine(folder.FullName, "config.pbtxt"), config);
        var made = Directory.CreateTempSubdirectory("oml-bench-version-");
        File.WriteAllBytes(System.IO.Path.Combine(made.FullName, "model.onnx"), model);
        var place = System.IO.Path.Combine(folder.FullName, version.ToString(CultureInfo.InvariantCulture));
        Directory.Move(made.FullName, place);
    }

    /// <summary>One row of floats as they come from a feature: about eight digits.</summary>
    public static float[] Row(int width)
    {
        var random = new Random(width);
        return [.. Enumerable.Range(0, width).Select(_ => (float)((2 * random.NextDouble()) - 1))];
    }

    /// <summary>A request of one row as JSON.</summary>
    public static byte[] Json(ReadOnlySpan<float> row)
    {
        var text = new StringBuilder();
        foreach (var value in row)
            text.Append(text.Length > 0 ? "," : "").Append(value.ToString("R", CultureInfo.InvariantCulture));
        return Encoding.UTF8.GetBytes($$"""{"inputs":[{"name":"x","shape":[1,{{row.Length}}],"datatype":"FP32","data":[{{text}}]}]}""");
    }

    /// <summary>The same with the row's bytes behind the JSON.</summary>
    /// <param name="input">Name of the input.</param>
    /// <param name="shape">Of the row, with its leading 1.</param>
    /// <param name="row">The floats.</param>
    /// <param name="json">How many bytes are JSON.</param>
    public static byte[] Binary(string input, IEnumerable<long> shape, ReadOnlySpan<float> row, out int json)
    {
        var bytes = MemoryMarshal.AsBytes(row);
        var head = Encoding.UTF8.GetBytes(
            $$$"""{"inputs":[{"name":"{{{input}}}","shape":[{{{string.Join(',', shape)}}}],"datatype":"FP32","parameters":{"binary_data_size":{{{bytes.Length}}}}}],"parameters":{"binary_data_output":true}}""");
        json = head.Length;
        return [.. head, .. bytes];
    }
}

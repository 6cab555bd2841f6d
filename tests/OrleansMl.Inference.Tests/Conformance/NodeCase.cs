using System.Formats.Tar;
using System.IO.Compression;
using OrleansMl.Inference.Onnx;

namespace OrleansMl.Inference.Tests.Conformance;

/// <summary>One operator case of ONNX's backend tests: a model, and sets of inputs with the outputs they must give.</summary>
internal sealed class NodeCase(IReadOnlyDictionary<string, byte[]> files)
{
    private const string Archive = "onnx-node-tests/onnx-node-tests.tar.gz";
    private static readonly Lazy<IReadOnlyDictionary<string, NodeCase>> s_archive = new(() => Unpack(TestData.Read(Archive)));

    /// <summary>Every case of the archive by its name; the test is skipped where there is none.</summary>
    public static IReadOnlyDictionary<string, NodeCase> All
    {
        get
        {
            // A skip must be of the test that asks, not of the one that made the lazy value.
            _ = s_archive.IsValueCreated ? [] : TestData.Read(Archive);
            return s_archive.Value;
        }
    }

    public byte[] Model => files["model.onnx"];

    /// <summary>Runs every set of inputs and compares what comes with what must come.</summary>
    /// <returns>Number of outputs compared.</returns>
    public int RunAndCompare()
    {
        using var model = OnnxModel.Load(Model);
        // Vectors are numbered in the graph's order, which is also that of the signature.
        var graph = ModelProto.Parser.ParseFrom(Model).Graph;
        Assert.Equal(graph.Input.Select(i => i.Name), model.Signature.Inputs.Select(i => i.Name));
        Assert.Equal(graph.Output.Select(o => o.Name), model.Signature.Outputs.Select(o => o.Name));

        var compared = 0;
        for (var set = 0; files.ContainsKey($"test_data_set_{set}/output_0.pb"); set++)
        {
            Tensor[] inputs = [.. model.Signature.Inputs.Select((spec, i) => Vectors.Parse(files[$"test_data_set_{set}/input_{i}.pb"], spec.Name))];
            foreach (var (output, i) in model.Run(inputs).Select((output, i) => (output, i)))
            {
                Closeness.AssertSame(Vectors.Parse(files[$"test_data_set_{set}/output_{i}.pb"], output.Name), output);
                compared++;
            }
        }

        return compared;
    }

    private static SortedDictionary<string, NodeCase> Unpack(byte[] archive)
    {
        var cases = new Dictionary<string, Dictionary<string, byte[]>>(StringComparer.Ordinal);
        using var reader = new TarReader(new GZipStream(new MemoryStream(archive), CompressionMode.Decompress));
        while (reader.GetNextEntry() is { } entry)
        {
            if (entry.DataStream is null)
                continue;
            var parts = entry.Name.Split('/');
            var at = Array.FindIndex(parts, p => p.StartsWith("test_", StringComparison.Ordinal));
            using var content = new MemoryStream();
            entry.DataStream.CopyTo(content);
            if (!cases.TryGetValue(parts[at], out var files))
                cases.Add(parts[at], files = new Dictionary<string, byte[]>(StringComparer.Ordinal));
            files[string.Join('/', parts[(at + 1)..])] = content.ToArray();
        }

        return new SortedDictionary<string, NodeCase>(cases.ToDictionary(c => c.Key, c => new NodeCase(c.Value)), StringComparer.Ordinal);
    }
}

using System.Globalization;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using OrleansMl.Inference.Onnx;

namespace OrleansMl.Benchmarks.Infer;

/// <summary>
/// Three small networks, each on the answer of the one before: as an ensemble, against a client that calls them in a row, and
/// against one graph that holds all three. All answer alike; what differs is who hands the tensors on.
/// </summary>
internal static class EnsemblePart
{
    private const int Width = BenchModel.Inputs;
    private const string Ensemble = "chain";
    private const string Merged = "merged";

    private static readonly string[] s_networks = ["first", "second", "third"];
    private static readonly int[] s_callers = [1, 8];
    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(4);

    public static async Task<IReadOnlyList<BenchResult>> RunAsync(InferSettings settings)
    {
        byte[][] networks = [.. s_networks.Select((_, i) => BenchModel.Create(Width, outputs: Width, seed: i + 1))];
        await using var servers = await InferServers.StartAsync(models => Fill(models, networks));
        var server = servers.Oml.Address;
        var row = InferModel.Row(Width);
        var chain = new List<byte[]>();
        var tensor = row;
        foreach (var network in s_networks)
        {
            chain.Add(Request(server, network, tensor));
            tensor = await AskAsync(server, network, tensor);
        }

        byte[][] ensemble = [Request(server, Ensemble, row)];
        byte[][] merged = [Request(server, Merged, row)];
        await CompareAsync(server, row, tensor);
        foreach (var requests in (IReadOnlyList<byte[]>[])[chain, ensemble, merged])
            new ChainLoad(server, requests, s_callers[^1]).Closed(s_warmUp).Demand();

        var results = new List<BenchResult>();
        foreach (var callers in s_callers)
        {
            var ours = new ChainLoad(server, ensemble, callers);
            foreach (var (other, requests) in new (string, IReadOnlyList<byte[]>)[] { ("three calls", chain), ("one graph", merged) })
            {
                var theirs = new ChainLoad(server, requests, callers);
                var windows = await Paired<Served>.RunAsync(
                    settings, $"{callers} callers, ensemble | {other}", () => Served.By(servers.Oml, () => ours.Closed(settings.Window)), () => Served.By(servers.Oml, () => theirs.Closed(settings.Window)));
                results.Add(windows.Result($"ensemble {callers}: answers, against {other}", "1/s", w => w.Window.Rate));
                results.Add(windows.Result($"ensemble {callers}: p50, against {other}", "us", w => w.Window.Quantile(0.5)));
                results.Add(windows.Result($"ensemble {callers}: p99, against {other}", "us", w => w.Window.Quantile(0.99)));
                results.Add(windows.Result($"ensemble {callers}: processor time of the server an answer, against {other}", "us", w => w.Processor));
            }
        }

        return results;
    }

    private static void Fill(string models, byte[][] networks)
    {
        for (var i = 0; i < networks.Length; i++)
            InferModel.Write(models, networks[i], name: s_networks[i]);
        InferModel.Write(models, Merge(networks), name: Merged);
        var tensors = s_networks.Select((_, i) => i == s_networks.Length - 1 ? "y" : $"t{i}").Prepend("x").ToArray();
        var steps = s_networks.Select((n, i) => $$"""{ model_name: "{{n}}" input_map { key: "x" value: "{{tensors[i]}}" } output_map { key: "y" value: "{{tensors[i + 1]}}" } }""");
        File.WriteAllText(
            Path.Combine(Directory.CreateDirectory(Path.Combine(models, Ensemble)).FullName, "config.pbtxt"),
            $$"""
            platform: "ensemble" max_batch_size: 64
            input [ { name: "x" data_type: TYPE_FP32 dims: [ {{Width}} ] } ]
            output [ { name: "y" data_type: TYPE_FP32 dims: [ {{Width}} ] } ]
            ensemble_scheduling { step [ {{string.Join(", ", steps)}} ] }
            """);
    }

    /// <summary>One graph of all: each one's names with its number, its input the output before.</summary>
    private static byte[] Merge(byte[][] networks)
    {
        var merged = ModelProto.Parser.ParseFrom(networks[0]);
        var graph = new GraphProto { Name = Merged, Input = { merged.Graph.Input }, Output = { merged.Graph.Output } };
        for (var i = 0; i < networks.Length; i++)
        {
            var part = ModelProto.Parser.ParseFrom(networks[i]).Graph;
            var at = i;
            foreach (var node in part.Node)
            {
                var copy = new NodeProto { OpType = node.OpType };
                copy.Input.Add(node.Input.Select(n => NameOf(n, at)));
                copy.Output.Add(node.Output.Select(n => NameOf(n, at)));
                graph.Node.Add(copy);
            }

            foreach (var weights in part.Initializer)
            {
                var copy = weights.Clone();
                copy.Name = NameOf(weights.Name, at);
                graph.Initializer.Add(copy);
            }
        }

        merged.Graph = graph;
        return merged.ToByteArray();

        string NameOf(string name, int part) => name switch
        {
            "x" => part == 0 ? "x" : string.Create(CultureInfo.InvariantCulture, $"y{part - 1}"),
            "y" when part == networks.Length - 1 => "y",
            _ => string.Create(CultureInfo.InvariantCulture, $"{name}{part}"),
        };
    }

    private static byte[] Request(Uri server, string model, float[] row) => HttpConnection.Post(server, $"/v2/models/{model}/infer", InferModel.Json(row));

    /// <summary>Their speeds would else not be comparable.</summary>
    private static async Task CompareAsync(Uri server, float[] row, float[] expected)
    {
        foreach (var model in (string[])[Ensemble, Merged])
        {
            var answer = await AskAsync(server, model, row);
            if (answer.Length != expected.Length || answer.Zip(expected).Any(p => Math.Abs(p.First - p.Second) > 1e-5))
                throw new InvalidOperationException($"'{model}' answers [{string.Join(", ", answer)}], the three in a row [{string.Join(", ", expected)}].");
        }
    }

    private static async Task<float[]> AskAsync(Uri server, string model, float[] row)
    {
        using var client = new HttpClient { BaseAddress = server };
        using var content = new ByteArrayContent(InferModel.Json(row));
        using var response = await client.PostAsync($"/v2/models/{model}/infer", content);
        var text = await response.Content.ReadAsStringAsync();
        if (!response.IsSuccessStatusCode)
            throw new InvalidOperationException($"'{model}' answers {(int)response.StatusCode}: {text}");
        using var answer = JsonDocument.Parse(Encoding.UTF8.GetBytes(text));
        return [.. answer.RootElement.GetProperty("outputs")[0].GetProperty("data").EnumerateArray().Select(e => e.GetSingle())];
    }
}

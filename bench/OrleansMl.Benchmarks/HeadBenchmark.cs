using System.Diagnostics;
using System.Globalization;
using OrleansMl.Inference;
using OrleansMl.Learning;

namespace OrleansMl.Benchmarks;

/// <summary>
/// What learning a head costs beside the inference that it needs: the same rows through the trunk alone, and through the trunk with
/// each learned (200 rows remembered, one rehearsed with each), in turns; medians of the pairs' ratios.
/// </summary>
internal static class HeadBenchmark
{
    private static readonly (string Name, string File)[] s_networks =
    [
        ("mnist cntk, 256 numbers", "onnx-mnist/mnist.onnx"),
        ("mnist pytorch, 50 numbers", "onnx-mnist/cnn_mnist_pytorch.onnx"),
    ];

    public static int Run(string[] args)
    {
        var (pairs, rows) = (Option(args, "--pairs", 9), Option(args, "--rows", 512));
        var results = new List<BenchResult>();
        foreach (var (name, file) in s_networks)
        {
            if (Find(file) is not { } path)
            {
                Console.Error.WriteLine($"There is no '{file}'; set ORLEANSML_DATA to the folder with the data sets.");
                return 2;
            }

            foreach (var batch in new[] { 32, 64 })
                results.Add(Measure(name, HeadFinder.Find(File.ReadAllBytes(path)), batch, rows, pairs));
        }

        Console.WriteLine(BenchResults.Write("heads", results));
        return 0;
    }

    private static BenchResult Measure(string name, NetworkHead head, int batch, int rows, int pairs)
    {
        using var trunk = TrunkModel.Load(head);
        var learner = HeadLearners.Start(head.Start, new Dictionary<string, object> { ["learningRate"] = 1e-4 }, 1);
        var random = new Random(1);
        float[] inputs = [.. Enumerable.Range(0, batch * trunk.InputWidth).Select(_ => random.NextSingle())];
        var (embeddings, h) = (new float[batch * trunk.EmbeddingWidth], new double[trunk.EmbeddingWidth]);

        double Pass(bool learns)
        {
            var start = Stopwatch.GetTimestamp();
            for (var done = 0; done < rows; done += batch)
            {
                trunk.Embed(batch, inputs, embeddings);
                for (var row = 0; learns && row < batch; row++)
                {
                    for (var j = 0; j < h.Length; j++)
                        h[j] = embeddings[(row * h.Length) + j];
                    learner.LearnOne(h, (done + row) % 10);
                }
            }

            return rows / Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        // Until the compiler is through with its tiers.
        for (var pass = 0; pass < 20; pass++)
            Pass(learns: pass % 2 == 0);
        var (plain, learned) = (new double[pairs], new double[pairs]);
        for (var pair = 0; pair < pairs; pair++)
        {
            // Who goes first changes, so that neither has the warmer cache.
            if (pair % 2 == 0)
                (plain[pair], learned[pair]) = (Pass(false), Pass(true));
            else
                (learned[pair], plain[pair]) = (Pass(true), Pass(false));
        }

        var ratio = Median([.. learned.Zip(plain, (one, other) => one / other)]);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}, batches of {batch}: {Median(learned),8:F0} rows/s learned, {Median(plain),8:F0} rows/s through the trunk alone, {ratio:F3}"));
        return new BenchResult($"{name}, batches of {batch}", Median(learned), "1/s", Median(plain), ratio, Silo.EngineInfo.Name);
    }

    private static string? Find(string file)
    {
        string[] folders = [Environment.GetEnvironmentVariable("ORLEANSML_DATA") ?? "", Path.Combine(BenchResults.FindRoot(), "..", "shared", "data")];
        return folders.Where(folder => folder.Length > 0).Select(folder => Path.Combine(folder, file)).FirstOrDefault(File.Exists);
    }

    private static int Option(string[] args, string name, int fallback)
    {
        var place = Array.IndexOf(args, name);
        return place >= 0 && place + 1 < args.Length ? int.Parse(args[place + 1], CultureInfo.InvariantCulture) : fallback;
    }

    private static double Median(double[] values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }
}

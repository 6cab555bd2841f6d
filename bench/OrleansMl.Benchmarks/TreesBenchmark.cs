using System.Diagnostics;
using System.Globalization;
using OrleansMl.Learning;
using OrleansMl.Testing;

namespace OrleansMl.Benchmarks;

/// <summary>
/// gradient_boosted_trees against scikit-learn's HistGradientBoostingClassifier with like settings and as many threads, in
/// turns: seconds of a fit by the clock and of the processor, and how well both rank.
/// </summary>
internal static class TreesBenchmark
{
    private const int Columns = SyntheticRows.Columns;
    private const int Scored = 100_000;

    public static int Run(string[] args)
    {
        var pairs = Figures.Option(args, "--pairs", 5, 100);
        var threads = Figures.Option(args, "--threads", Environment.ProcessorCount, 256);
        var rows = Figures.Option(args, "--rows", 1_000_000, 100_000_000);
        var theirs = ScikitLearn.Find(out var why);
        if (theirs is null)
            Console.Error.WriteLine($"scikit-learn is left out: {why}");
        var results = new List<BenchResult>();
        if (Adult() is var (table, folder))
        {
            var pipeline = FittedPipeline.Fit(PublicTable.Codes, table.Schema, table.Train);
            var (train, test) = (PublicTable.Transform(pipeline, table.Train, table.TrainLabels), PublicTable.Transform(pipeline, table.Test, table.TestLabels));
            Contest("adult-census", new TrainerShape(new LearnerShape(train.DenseCount, 0, 0, 2), pipeline.DenseCategories), train, test, theirs, ["adult", folder], pairs, threads, results);
        }

        var (synthetic, file) = Synthetic(rows);
        try
        {
            var head = new TrainingRows(Math.Min(rows, Scored), synthetic.Dense[..(Math.Min(rows, Scored) * Columns)], [], [], synthetic.Targets[..Math.Min(rows, Scored)]);
            string[] given = ["floats", file, rows.ToString(CultureInfo.InvariantCulture), Columns.ToString(CultureInfo.InvariantCulture)];
            Contest($"{rows} x {Columns}", new TrainerShape(new LearnerShape(Columns, 0, 0, 2), []), synthetic, head, theirs, given, pairs, threads, results);
        }
        finally
        {
            File.Delete(file);
        }

        Console.WriteLine(BenchResults.Write("trees", results));
        return 0;
    }

    private static void Contest(string name, TrainerShape shape, TrainingRows train, TrainingRows test, ScikitLearn? theirs, string[] given, int pairs, int threads, List<BenchResult> results)
    {
        // Until the compiler is through with its tiers.
        Fit(shape, train, threads, 30);
        var (ours, others) = (new List<FitFigures>(), new List<FitFigures>());
        for (var pair = 0; pair < pairs; pair++)
        {
            var (model, figures) = Fit(shape, train, threads, 100);
            ours.Add(figures with { Auc = Auc(model, test) });
            if (theirs is not null)
                others.Add(theirs.Fit(given, threads));
            Console.Error.WriteLine($"{name} {pair + 1}/{pairs}: ours {ours[^1]}{(theirs is null ? "" : $"; scikit-learn {others[^1]}")}");
        }

        Add("seconds", "s", figures => figures.Seconds);
        Add("processor seconds", "s", figures => figures.CpuSeconds);
        Add("AUC", "", figures => figures.Auc);

        void Add(string what, string unit, Func<FitFigures, double> of)
        {
            var value = Figures.Median(ours.Select(of));
            double? baseline = others.Count == 0 ? null : Figures.Median(others.Select(of));
            results.Add(new BenchResult($"{name}, {threads} threads: {what}", value, unit, baseline, value / baseline, Silo.EngineInfo.Name));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-16} {what,-18} ours {value:F4} {unit,-1}{(baseline is { } other ? $" scikit-learn {other:F4} ratio {value / other:F2}" : "")}"));
        }
    }

    private static (LearnerModel Model, FitFigures Figures) Fit(TrainerShape shape, TrainingRows train, int threads, int iterations)
    {
        using var process = Process.GetCurrentProcess();
        var (start, cpu) = (Stopwatch.GetTimestamp(), process.TotalProcessorTime);
        var model = TrainerFactory.Create("gradient_boosted_trees", new Dictionary<string, object> { ["iterations"] = iterations }, shape, 1, threads).Fit(train, null, null, default);
        process.Refresh();
        return (model, new FitFigures(Stopwatch.GetElapsedTime(start).TotalSeconds, (process.TotalProcessorTime - cpu).TotalSeconds, 0));
    }

    private static double Auc(LearnerModel model, TrainingRows test)
        => RocAuc.Compute([.. Enumerable.Range(0, test.Count).Select(row => model.PredictOne(test[row]))], test.Targets);

    private static (PublicTable Table, string Folder)? Adult()
    {
        var data = Environment.GetEnvironmentVariable("ORLEANSML_DATA") is { Length: > 0 } set ? set : Path.Combine(BenchResults.FindRoot(), "..", "shared", "data");
        var folder = Path.Combine(data, "adult-census");
        if (Directory.Exists(folder))
            return (PublicTable.Adult(Path.Combine(folder, "adult-train.csv.gz"), Path.Combine(folder, "adult-test.csv.gz")), folder);
        Console.Error.WriteLine($"adult-census is left out: there is no {folder}; set ORLEANSML_DATA to the folder with the data sets.");
        return null;
    }

    /// <summary>The same rows in memory and in a file for the other side.</summary>
    private static (TrainingRows Rows, string File) Synthetic(int rows)
    {
        var random = new Random(1);
        var (dense, targets) = (new double[rows * Columns], new double[rows]);
        for (var row = 0; row < rows; row++)
            targets[row] = SyntheticRows.Next(random, dense.AsSpan(row * Columns, Columns));

        var file = Path.GetTempFileName();
        using var writer = new BinaryWriter(new BufferedStream(File.Create(file), 1 << 20));
        foreach (var value in dense)
            writer.Write((float)value);
        foreach (var value in targets)
            writer.Write((float)value);
        return (new TrainingRows(rows, dense, [], [], targets), file);
    }
}

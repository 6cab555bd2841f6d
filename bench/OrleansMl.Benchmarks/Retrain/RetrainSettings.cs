namespace OrleansMl.Benchmarks.Retrain;

/// <summary>How much is trained on and measured.</summary>
/// <param name="Rows">Of the data set.</param>
/// <param name="LogRows">Logged predictions with their truths.</param>
/// <param name="BesideRows">Of the trainings that are served beside.</param>
/// <param name="Pairs">Windows with and without a training.</param>
/// <param name="Window">Of a window without.</param>
/// <param name="Connections">Of the load.</param>
/// <param name="Threads">Of the fit.</param>
/// <param name="Trainer">As JSON, with type and params.</param>
internal sealed record RetrainSettings(int Rows, int LogRows, int BesideRows, int Pairs, TimeSpan Window, int Connections, int Threads, string Trainer)
{
    private const string Trees = """{"type":"gradient_boosted_trees","params":{"iterations":100}}""";

    /// <summary>Fewer are not split into parts that anything can be said of.</summary>
    private const int Fewest = 1000;

    public static RetrainSettings Read(string[] arguments)
    {
        var trainer = Figures.Text(arguments, "--trainer") ?? Trees;
        return new RetrainSettings(
            Rows("--rows", 1_000_000),
            Rows("--log", 50_000),
            Rows("--beside", 200_000),
            Figures.Option(arguments, "--pairs", 3, 100),
            TimeSpan.FromSeconds(Figures.Option(arguments, "--seconds", 10, 600)),
            Figures.Option(arguments, "--connections", 2, 64),
            Figures.Option(arguments, "--threads", 1, 256),
            trainer.StartsWith('{') ? trainer : $$"""{"type":"{{trainer}}"}""");

        int Rows(string name, int fallback) => Math.Max(Fewest, Figures.Option(arguments, name, fallback, 20_000_000));
    }
}

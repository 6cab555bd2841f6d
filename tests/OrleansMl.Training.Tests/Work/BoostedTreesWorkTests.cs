using OrleansMl.Declaration;
using OrleansMl.Inference;
using OrleansMl.Learning;

namespace OrleansMl.Training.Tests.Work;

/// <summary>A plan for a trainer that takes missing values and categories gives it both, and what is served knows them too.</summary>
public sealed class BoostedTreesWorkTests : IDisposable
{
    private const int Rows = 400;

    private static readonly Column[] s_columns = [new("x", ColumnKind.Numeric), new("city", ColumnKind.Categorical)];

    private readonly string _folder = Directory.CreateTempSubdirectory("oml-trees-").FullName;

    [Fact]
    public void What_is_missing_and_which_city_it_is_reach_the_trees_and_the_exported_model()
    {
        Assert.Equal(0, Work("gradient_boosted_trees"));
        var pipeline = FittedPipeline.FromJson(File.ReadAllText(Path.Combine(_folder, TrainingWork.PipelineFile)));
        Assert.True(pipeline.KeepsMissing);
        Assert.Equal([0, 3], pipeline.DenseCategories.AsEnumerable());

        var importances = TrainedImportances.Read(_folder)!;
        Assert.Equal((ColumnImportances.Gain, 2), (importances.Measure, importances.Columns.Length));
        Assert.Equal(["city", "x"], importances.Columns.Select(one => one.Column).Order());
        Assert.All(importances.Columns, one => Assert.InRange(one.Importance, 0.05, 0.95));

        // Class 1 is where x is missing or the city is the middle one: neither is a threshold of numbers.
        using var core = CoreModel.Load(File.ReadAllBytes(Path.Combine(_folder, TrainingWork.CoreFile)));
        Assert.All(new[] { 0f, 2 }, city => Assert.InRange(core.Score([0, city]), 0, 0.1));
        Assert.InRange(core.Score([0, 1]), 0.9, 1);
        Assert.InRange(core.Score([float.NaN, 0]), 0.9, 1);
    }

    [Fact]
    public void Another_trainer_is_given_0_for_what_is_missing()
    {
        Assert.Equal(0, Work("naive_bayes"));
        Assert.Null(TrainedImportances.Read(_folder));
        Assert.Equal(0, Work("logistic_regression"));
        Assert.Equal(ColumnImportances.StandardizedWeight, TrainedImportances.Read(_folder)!.Measure);
        Assert.False(FittedPipeline.FromJson(File.ReadAllText(Path.Combine(_folder, TrainingWork.PipelineFile))).KeepsMissing);
    }

    [Fact]
    public void Hashed_columns_fail_with_what_to_use_instead()
    {
        Assert.Equal(WorkWords.FailedExitCode, Work("gradient_boosted_trees", "hash"));
        Assert.Contains("use ordinal or one_hot instead of hash", WorkFailure.Read(_folder)!.Detail);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private int Work(string trainer, string encoding = "ordinal")
    {
        var random = new Random(1);
        string hash;
        using (var file = File.Create(Path.Combine(_folder, "rows.bin")))
        using (var writer = new RowsWriter(file, new RowSchema(s_columns)))
        {
            for (var i = 0; i < Rows; i++)
            {
                var (x, city) = (random.Next(3) == 0 ? double.NaN : random.NextDouble(), (string?)new[] { "Bern", "Genf", "Zug" }[random.Next(3)]);
                var made = DateTime.UnixEpoch.AddMinutes(i);
                writer.Add(new LabelledRow(new Row([x], [city]), double.IsNaN(x) || city == "Genf" ? 1 : 0, 1, made, made.AddMinutes(1)));
            }

            hash = writer.Complete();
        }

        new TrainingPlan
        {
            Model = "m",
            Columns = [.. s_columns],
            Pipeline = [new PipelineStageDefinition(encoding) { Columns = ["categorical"] }],
            Classes = 2,
            RowsHash = hash,
            RowsFile = "rows.bin",
            Split = SplitPlan.Default,
            Trainer = trainer,
            Seed = 1,
            Threads = 2,
        }.Write(_folder);
        return new TrainingWork(_folder, TextWriter.Null).Run(CancellationToken.None);
    }
}

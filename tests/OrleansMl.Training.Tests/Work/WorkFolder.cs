using System.Collections.Immutable;
using OrleansMl.Declaration;
using OrleansMl.Learning;

namespace OrleansMl.Training.Tests.Work;

/// <summary>A folder with rows and a plan, and the work run in this process.</summary>
internal sealed class WorkFolder : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("oml-work-").FullName;

    public WorkFolder() => Path = Directory.CreateDirectory(System.IO.Path.Combine(_root, "1")).FullName;

    public string Path { get; private set; }

    public StringWriter Output { get; private set; } = new();

    /// <summary>A class that x tells but for one row in ten; in a column of text whatever is given.</summary>
    public TrainingPlan Plan(int rows = 400, Func<double, double, string?>? text = null)
    {
        var random = new Random(5);
        var schema = new RowSchema([new Column("x", ColumnKind.Numeric), new Column("noise", ColumnKind.Numeric), new Column("t", ColumnKind.Categorical)]);
        var file = System.IO.Path.Combine(_root, "rows.bin");
        using (var stream = File.Create(file))
        using (var writer = new RowsWriter(stream, schema))
        {
            for (var row = 0; row < rows; row++)
            {
                var x = (random.NextDouble() * 2) - 1;
                var label = x > 0 == random.NextDouble() > 0.1 ? 1.0 : 0;
                var made = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddMinutes(row);
                writer.Add(new LabelledRow(new Row([x, random.NextDouble()], [text is null ? (row % 3).ToString(System.Globalization.CultureInfo.InvariantCulture) : text(x, label)]), label, 1, made, made));
            }

            writer.Complete();
        }

        return new TrainingPlan
        {
            Model = "toy",
            Target = "up",
            Columns = schema.Columns,
            Pipeline = [new PipelineStageDefinition("impute") { Columns = ["t"], Strategy = "constant", Value = "none" }, new PipelineStageDefinition("one_hot") { Columns = ["t"] }, new PipelineStageDefinition("standard_scale") { Columns = ["numeric"] }],
            Classes = 2,
            ClassLabels = ["DOWN", "UP"],
            RowsHash = WorkJournal.HashOfFile(file),
            RowsFile = file,
            Split = SplitPlan.Default,
            Trainer = "logistic_regression",
            Parameters = ImmutableSortedDictionary<string, object>.Empty.Add("epochs", 3.0),
            Seed = 1,
            Threads = 1,
        };
    }

    public int Run(TrainingPlan plan, CancellationToken cancellationToken = default)
    {
        plan.Write(Path);
        return new TrainingWork(Path, Output).Run(cancellationToken);
    }

    /// <summary>Another attempt: a folder of its own, which takes over what is whole.</summary>
    public void Next(string name)
    {
        var before = WorkJournal.Open(Path);
        Path = Directory.CreateDirectory(System.IO.Path.Combine(_root, name)).FullName;
        Output = new StringWriter();
        WorkJournal.Open(Path).Inherit(before);
    }

    public string Text(string file) => File.ReadAllText(System.IO.Path.Combine(Path, file));

    public byte[] Bytes(string file) => File.ReadAllBytes(System.IO.Path.Combine(Path, file));

    public WorkFailure? Failure => WorkFailure.Read(Path);

    public void Dispose() => Directory.Delete(_root, recursive: true);
}

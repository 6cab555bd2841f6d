using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text;
using Google.Protobuf;
using OrleansMl.Declaration;
using OrleansMl.Inference;
using OrleansMl.Learning;
using OrleansMl.Training.Tests.External;

namespace OrleansMl.Training.Tests.Work;

/// <summary>What a program trained is written behind the pipeline: it takes the columns, and answers what the two answer one after the other.</summary>
public sealed class ComposedModelTests : IDisposable
{
    private readonly WorkFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public void What_plain_Python_trains_takes_the_columns()
    {
        Skip.IfNot(File.Exists(ScikitLearn.Python), "there is no python3");
        AssertComposed([ScikitLearn.Python, TrainerFixture.Sample("plain")]);
    }

    [SkippableFact]
    public void What_scikit_learn_trains_takes_the_columns() =>
        AssertComposed(["/usr/bin/env", "PYTHONPATH=" + ScikitLearn.PathOrSkip(), ScikitLearn.Python, TrainerFixture.Sample("sklearn")]);

    [Fact]
    public void A_model_of_operators_that_are_too_new_ends_the_training_with_the_remedy()
    {
        // A pipeline of numbers alone, so that the model's width is known here.
        var plan = _folder.Plan() with { Columns = [new Column("x", ColumnKind.Numeric), new Column("noise", ColumnKind.Numeric)], Pipeline = [] };
        var model = Inference.Onnx.ModelProto.Parser.ParseFrom(new ContractModels { Features = 2 }.ToBytes());
        model.OpsetImport[0].Version = 22;
        model.IrVersion = 10;
        File.WriteAllBytes(Path.Combine(_folder.Path, "given.onnx"), model.ToByteArray());
        using (var file = File.Create(Path.Combine(_folder.Path, "numbers.bin")))
        using (var writer = new RowsWriter(file, new RowSchema(plan.Columns)))
        {
            for (var row = 0; row < 40; row++)
                writer.Add(new LabelledRow(new Row([row, -row], []), row % 2, 1, DateTime.UnixEpoch.AddMinutes(row), DateTime.UnixEpoch.AddMinutes(row)));
            plan = plan with { RowsHash = writer.Complete(), RowsFile = "numbers.bin" };
        }

        var script = "cp ../given.onnx model.onnx; echo '{\"metrics\": {}}' > metrics.json";
        Assert.Equal(WorkWords.FailedExitCode, _folder.Run(plan with { Trainer = CommandTrainer.Type, Command = new CommandPlan(["/bin/sh", "-c", script], 60, null) }));
        Assert.Equal(CommandTrainerCodes.NotComposed, _folder.Failure!.Code);
        Assert.Equal("The trainer's model.onnx cannot be served behind the pipeline. The model is of operator set 22; versions are written up to 21. Export it for an older set.", _folder.Failure.Detail);
        Assert.False(File.Exists(Path.Combine(_folder.Path, TrainingWork.FullFile)));
    }

    private void AssertComposed(ImmutableArray<string> command)
    {
        var plan = _folder.Plan(rows: 600) with { Trainer = CommandTrainer.Type, Parameters = ImmutableSortedDictionary<string, object>.Empty, Command = new CommandPlan(command, 120, null) };
        Assert.True(_folder.Run(plan) == 0, _folder.Failure?.Detail);
        var pipeline = FittedPipeline.FromJson(_folder.Text(TrainingWork.PipelineFile));
        using var core = CoreModel.Load(_folder.Bytes(TrainingWork.CoreFile));
        using var full = OnnxModel.Load(_folder.Bytes(TrainingWork.FullFile));
        Assert.Equal(["x", "noise", "t"], full.Signature.Inputs.Select(input => input.Name));
        Assert.Equal(["label", "probabilities"], full.Signature.Outputs.Select(output => output.Name));

        // What is missing and what the pipeline has never seen go the same way too.
        var random = new Random(3);
        Row[] rows = [.. Enumerable.Range(0, 200).Select(row => new Row([random.Next(9) == 0 ? double.NaN : (float)((random.NextDouble() * 2) - 1), (float)random.NextDouble()], [row % 7 == 0 ? null : row % 11 == 0 ? "new" : (row % 3).ToString(System.Globalization.CultureInfo.InvariantCulture)]))];
        var answers = full.Run(
            [
                Numbers("x", [.. rows.Select(row => (float)row.Numeric[0])]),
                Numbers("noise", [.. rows.Select(row => (float)row.Numeric[1])]),
                new Tensor("t", new long[] { rows.Length, 1 }, rows.Select(row => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(row.Categorical[0] ?? "")).ToArray()),
            ],
            ["label", "probabilities"]);
        var probabilities = MemoryMarshal.Cast<byte, float>(answers[1].Data.Span);
        var (features, expected) = (new double[pipeline.DenseCount], new float[2]);
        for (var row = 0; row < rows.Length; row++)
        {
            pipeline.Transform(rows[row], features, [], []);
            core.ScoreRows(1, features.Select(value => (float)value).ToArray(), [], [], expected);
            Assert.Equal(expected[0], probabilities[row * 2], 1e-6);
            Assert.Equal(expected[1], probabilities[(row * 2) + 1], 1e-6);
            if (Math.Abs(expected[1] - expected[0]) > 1e-5)
                Assert.Equal(expected[1] > expected[0] ? "UP" : "DOWN", Encoding.UTF8.GetString(answers[0].Elements.Span[row].Span));
        }
    }

    private static Tensor Numbers(string name, float[] values) => new(name, TensorType.Fp32, new long[] { values.Length, 1 }, MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
}

using System.Collections.Immutable;
using OrleansMl.Inference;
using OrleansMl.Learning;

namespace OrleansMl.Training.Tests.External;

/// <summary>What a program is given, and what it may not give back.</summary>
public sealed class CommandTrainerTests : IDisposable
{
    private readonly TrainerFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task The_program_finds_rows_schema_and_parameters()
    {
        var data = new CommandTrainingData(["plain", "with \"quotes\", and a comma"], "up", ["no", "yes"], new TrainingRows(2, [0.1, double.NaN, -1e-7, 3], [], [], [0, 1], [1, 2.5]))
        {
            Categories = [0, 4],
            Seed = 42,
            Threads = 3,
        };
        await _fixture.RefusalAsync(data, null, null);
        Assert.Equal("plain,\"with \"\"quotes\"\", and a comma\",__target__,__weight__\n0.1,,0,1\n-1E-07,3,1,2.5\n", Read("train.csv"));
        Assert.Equal("plain,\"with \"\"quotes\"\", and a comma\",__target__,__weight__\n", Read("validation.csv"));
        Assert.Equal(
            """{"columns":[{"name":"plain","kind":"number"},{"name":"with \u0022quotes\u0022, and a comma","kind":"category","categories":4}],"target":{"name":"up","column":"__target__","type":"binary","classes":["no","yes"]},"weight":"__weight__","trainRows":2,"validationRows":0,"seed":42,"threads":3}""",
            Compact(Read("schema.json")));
        Assert.Equal("{}", Read("params.json"));
    }

    [Fact]
    public async Task Threads_are_said_to_the_libraries_of_numbers()
    {
        await _fixture.RefusalAsync(TrainerFixture.Data(2) with { Threads = 3 }, null, null, "echo $OMP_NUM_THREADS $OPENBLAS_NUM_THREADS;");
        Assert.Contains((TrainingProcess.Information, "3 3"), _fixture.Lines);
    }

    [Fact]
    public async Task A_model_that_keeps_the_contract_is_taken_and_served_as_a_core_graph()
    {
        await File.WriteAllBytesAsync(Path.Combine(_fixture.Folder, "given.onnx"), new ContractModels().ToBytes());
        var result = await _fixture.FitAsync(TrainerFixture.Data(2), ["/bin/sh", "-c", "cp given.onnx model.onnx; echo '{\"metrics\": {\"auc\": 0.5, \"n\": 3}}' >metrics.json"]);
        Assert.Equal([("auc", 0.5), ("n", 3.0)], result.Metrics.Select(metric => (metric.Key, metric.Value)));
        using var core = CoreModel.Load(result.Core);
        Assert.Equal((3, true, 2), (core.FeatureCount, core.IsClassifier, core.OutputWidth));
        Assert.Equal(0.75f, core.Score([1, 2, 3]));
    }

    [Fact]
    public void A_core_graph_keeps_every_other_name()
    {
        var bytes = new ContractModels().ToBytes();
        var signature = OnnxModelFile.Inspect(ForeignModel.ToCore(bytes)).File!.Signature;
        Assert.Equal([ExportNames.Features], signature.Inputs.Select(input => input.Name));
        Assert.Equal([ExportNames.Label, ExportNames.Probabilities], signature.Outputs.Select(output => output.Name));
        Assert.Equal(InspectCodes.UnsupportedType, Assert.Throws<ModelLoadException>(() => ForeignModel.ToCore(new ContractModels { Input = "x" }.ToBytes())).Code);
        Assert.Equal(InspectCodes.NotOnnx, Assert.Throws<ModelLoadException>(() => ForeignModel.ToCore(new byte[] { 1, 2, 3 })).Code);
    }

    public static TheoryData<string, string, string> WrongModels => new()
    {
        { "no model", CommandTrainerCodes.NoModel, "wrote no model.onnx" },
        { "empty", CommandTrainerCodes.NoModel, "or an empty one" },
        { "pickle", CommandTrainerCodes.NotOnnx, "no ONNX model" },
        { "unknown operator", CommandTrainerCodes.LoadFailed, "NoSuchOperator" },
        { "other input", CommandTrainerCodes.WrongSignature, "its inputs are 'x' FP32 [-1,3]; there must be one, 'input' FP32 [-1,3]" },
        { "other width", CommandTrainerCodes.WrongSignature, "a row of 3 features in the order of schema.json" },
        { "one row", CommandTrainerCodes.WrongSignature, "'input' FP32 [1,3]; there must be one" },
        { "no label", CommandTrainerCodes.WrongSignature, "there must be 'label' INT64 [-1]" },
        { "other output", CommandTrainerCodes.WrongSignature, "there must be 'probabilities' FP32 [-1,2]" },
        { "three classes", CommandTrainerCodes.WrongSignature, "a column for each of the 2 classes" },
        { "nan", CommandTrainerCodes.NotFinite, "Its answer for row 0 is NaN" },
        { "sum", CommandTrainerCodes.WrongAnswer, "The probabilities of row 0 sum to 1.1" },
        { "range", CommandTrainerCodes.WrongAnswer, "A probability of row 0 is -0.25" },
        { "label", CommandTrainerCodes.WrongAnswer, "Its label of row 0 is 8; a label is the number of a class, 0 to 1, or its name (DOWN, UP)" },
    };

    [Theory]
    [MemberData(nameof(WrongModels))]
    public async Task A_model_that_breaks_the_contract_is_refused_by_name(string what, string code, string words)
    {
        var model = new ContractModels();
        byte[]? bytes = what switch
        {
            "no model" => null,
            "empty" => [],
            "pickle" => "\u0080\u0004\u0095K\0\0\0sklearn"u8.ToArray(),
            "unknown operator" => (model with { Unknown = true }).ToBytes(),
            "other input" => (model with { Input = "x" }).ToBytes(),
            "other width" => (model with { Features = 4 }).ToBytes(),
            "one row" => (model with { Rows = 1 }).ToBytes(),
            "no label" => (model with { LabelShift = null }).ToBytes(),
            "other output" => (model with { Output = "p" }).ToBytes(),
            "three classes" => (model with { Answer = [0.2f, 0.2f, 0.6f] }).ToBytes(),
            "nan" => (model with { Answer = [float.NaN, 0.5f] }).ToBytes(),
            "sum" => (model with { Answer = [0.5f, 0.6f] }).ToBytes(),
            "range" => (model with { Answer = [-0.25f, 1.25f] }).ToBytes(),
            _ => (model with { LabelShift = 7 }).ToBytes(),
        };
        var thrown = await _fixture.RefusalAsync(TrainerFixture.Data(2), bytes);
        Assert.Equal(code, thrown.Code);
        Assert.Contains(words, thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_value_has_one_column_of_its_own_name()
    {
        var thrown = await _fixture.RefusalAsync(TrainerFixture.Data(0), new ContractModels().ToBytes());
        Assert.Equal(CommandTrainerCodes.WrongSignature, thrown.Code);
        Assert.Contains("there must be 'variable' FP32 [-1,1]", thrown.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "there is none")]
    [InlineData("", "0 bytes")]
    [InlineData("metrics", "no JSON")]
    [InlineData("[]", "no object with a member 'metrics'")]
    [InlineData("{\"metrics\": {\"auc\": \"high\"}}", "'auc' is \"high\"")]
    [InlineData("{\"metrics\": {\"auc\": 1e999}}", "a metric is a finite number")]
    [InlineData("{\"metrics\": {\"auc\": 1, \"auc\": 2}}", "no JSON")]
    public async Task Metrics_that_cannot_be_read_are_refused(string? metrics, string words)
    {
        var thrown = await _fixture.RefusalAsync(TrainerFixture.Data(2), new ContractModels().ToBytes(), metrics);
        Assert.Equal(CommandTrainerCodes.BadMetrics, thrown.Code);
        Assert.Contains(words, thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pipe_in_the_model_s_place_is_not_waited_for()
    {
        var thrown = await _fixture.RefusalAsync(TrainerFixture.Data(2), null, script: "mkfifo model.onnx;");
        Assert.Equal(CommandTrainerCodes.NoModel, thrown.Code);
    }

    [Fact]
    public async Task Its_end_is_told_with_its_last_lines()
    {
        var failed = await Assert.ThrowsAsync<CommandTrainerException>(() => _fixture.FitAsync(TrainerFixture.Data(2), ["/bin/sh", "-c", "echo no such column >&2; exit 4"]));
        Assert.Equal((ProcessCodes.CommandFailed, true, true), (failed.Code, failed.Message.Contains("exit code 4", StringComparison.Ordinal), failed.Message.Contains("no such column", StringComparison.Ordinal)));
        var late = await Assert.ThrowsAsync<CommandTrainerException>(() => _fixture.FitAsync(TrainerFixture.Data(2), ["/bin/sleep", "60"], limits: new ProcessLimits { Time = TimeSpan.FromSeconds(0.5) }));
        Assert.Equal(ProcessCodes.TimedOut, late.Code);
        var absent = await Assert.ThrowsAsync<CommandTrainerException>(() => _fixture.FitAsync(TrainerFixture.Data(2), ["no-such-trainer"]));
        Assert.Equal(ProcessCodes.NotStarted, absent.Code);
        using var source = new CancellationTokenSource();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _fixture.FitAsync(TrainerFixture.Data(2), ["/bin/sleep", "60"], cancellationToken: source.Token));
    }

    [Fact]
    public async Task Hashed_features_are_refused_before_anything_runs()
    {
        var data = new CommandTrainingData(["x"], "up", ["no", "yes"], new TrainingRows(1, [1], [3], [1], [0]));
        var thrown = await Assert.ThrowsAsync<CommandTrainerException>(() => _fixture.FitAsync(data, ["/bin/true"]));
        Assert.Equal(CommandTrainerCodes.HashedFeatures, thrown.Code);
        Assert.Empty(Directory.GetFiles(_fixture.Folder));
    }

    private string Read(string file) => File.ReadAllText(Path.Combine(_fixture.Folder, file));

    private static string Compact(string json) => System.Text.Json.Nodes.JsonNode.Parse(json)!.ToJsonString();
}

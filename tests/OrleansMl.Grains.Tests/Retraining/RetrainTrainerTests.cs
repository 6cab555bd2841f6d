using System.Runtime.InteropServices;
using System.Text.Json;
using OrleansMl.Inference;
using OrleansMl.Jobs;
using OrleansMl.Services;

namespace OrleansMl.Grains.Tests.Retraining;

/// <summary>What a model declares around the fit, from the application file to the version.</summary>
[Collection(LoopCollection.Name)]
public sealed class RetrainTrainerTests(LoopFixture loop)
{
    private const string Python = "/usr/bin/python3";

    private IJobService Jobs => loop.Get<IJobService>();

    [Fact]
    public async Task A_declared_search_finds_the_parameters_of_the_version_and_its_lineage_says_them()
    {
        var toy = new RetrainToy(loop);
        await toy.ApplyAsync(blocks: """
                trainer:
                  type: logistic_regression
                  params: {epochs: 3}
                  tune: {method: halving, trials: 9, folds: 2, space: {learningRate: {log: [0.000001, 1]}}}

            """);
        var job = await toy.EndAsync((await toy.CreateAsync(toy.Spec(dataset: await toy.UploadAsync(toy.Csv(1000, 21))) with { Trainer = null })).Id);
        Assert.True(job.State == JobState.Succeeded, job.Error?.Detail);
        var result = JsonDocument.Parse(job.Result!).RootElement;
        var parameters = result.GetProperty("trainer").GetProperty("params");
        Assert.Equal(3, parameters.GetProperty("epochs").GetDouble());
        Assert.InRange(parameters.GetProperty("learningRate").GetDouble(), 0.001, 1);
        var lineage = (await toy.ModelAsync()).Versions.Single().Manifest.Lineage!;
        Assert.Equal(parameters.GetProperty("learningRate").GetDouble(), JsonDocument.Parse(lineage.Parameters).RootElement.GetProperty("learningRate").GetDouble());
        var log = (await Jobs.ReadLogAsync(job.Id, 0, 1000, default)).Value.Select(line => line.Text).ToArray();
        Assert.Equal(9, log.Count(text => text.StartsWith("Trial ", StringComparison.Ordinal)));
        Assert.Contains(log, text => text.StartsWith("Of 9 trials number ", StringComparison.Ordinal));

        // A job that names its own parameters is not searched for.
        var named = await toy.RetrainAsync(toy.Spec(dataset: await toy.UploadAsync(toy.Csv(1000, 22))));
        Assert.Equal(0.5, named.GetProperty("trainer").GetProperty("params").GetProperty("learningRate").GetDouble());
    }

    [Fact]
    public async Task Trees_on_hashed_columns_are_refused_when_they_are_applied_and_before_a_job_is_made()
    {
        var toy = new RetrainToy(loop);
        const string Hash = "      - impute: {columns: all, strategy: mean}\n      - hash: {columns: [z]}\n";
        var yaml = toy.Toy.Yaml().Replace("      - impute: {columns: all, strategy: mean}\n", Hash, StringComparison.Ordinal);
        var refused = await loop.Control.ApplyAsync(new ApplyRequest(yaml.Replace("    promotion:", "    trainer: {type: gradient_boosted_trees}\n    promotion:", StringComparison.Ordinal)), default);
        var fault = Assert.Single(refused.Error!.Faults);
        Assert.Equal((400, "conflict", "models[0].trainer.type"), (refused.Error.Status, fault.Code, fault.Pointer));
        Assert.True(fault is { Line: > 1, Column: > 1 });

        await toy.Toy.ApplyAsync(yaml);
        var job = await Jobs.CreateAsync(toy.Spec(trainer: """{"type":"gradient_boosted_trees"}"""), default);
        Assert.Equal((422, "unfit_pipeline", "/trainer/type"), (job.Error!.Status, job.Error.Code, Assert.Single(job.Error.Faults).Pointer));
        Assert.Contains("the pipeline hashes z: use ordinal or one_hot instead of hash", job.Error.Detail, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_declared_program_trains_the_version_that_is_promoted_and_served_behind_the_pipeline()
    {
        Skip.IfNot(File.Exists(Python), "there is no python3");
        var toy = new RetrainToy(loop);
        await toy.ApplyAsync(blocks: Command($"[{Python}, {Sample("plain")}]", "{epochs: 20}"));
        var result = await toy.RetrainAsync(toy.Spec(dataset: await toy.UploadAsync(toy.Csv(600, 23))) with { Trainer = null });
        Assert.Equal(("promoted", "command"), (result.GetProperty("decision").GetString(), result.GetProperty("trainer").GetProperty("type").GetString()));
        await toy.LabelAsync(1, 24);
        Assert.True((await toy.Toy.PredictAsync(1.5)).Score > 0.8, "it serves what the program learned");
        Assert.True((await toy.Toy.PredictAsync(-1.5)).Score < 0.2, "it serves what the program learned");

        // On /v2 it takes the columns, as any other version of the model.
        var inputs = (await toy.ModelAsync()).Versions.Single().Manifest.Inputs;
        Assert.Contains("z", inputs.Select(input => input.Name));
        var answer = await loop.Inference.InferAsync(new InferRequest(toy.Name, "1", [.. inputs.Select(input => Numbers(input.Name, input.Name == "z" ? [1.5f, -1.5f] : [0.5f, 0.5f]))], []), default);
        Assert.True(answer.IsSuccess, answer.Error?.Detail);
        var probabilities = MemoryMarshal.Cast<byte, float>(answer.Value.Outputs.Single(output => output.Name == "probabilities").Data.Span).ToArray();
        Assert.InRange(probabilities[1], 0.8, 1);
        Assert.InRange(probabilities[3], 0, 0.2);

        static Tensor Numbers(string name, float[] values) => new(name, TensorType.Fp32, new long[] { values.Length, 1 }, MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
    }

    [Fact]
    public async Task A_program_that_fails_ends_the_job_with_its_last_lines_and_a_job_cannot_bring_one()
    {
        var toy = new RetrainToy(loop);
        var dataset = await toy.UploadAsync(toy.Csv(200, 25));
        await toy.ApplyAsync();
        var refused = await Jobs.CreateAsync(toy.Spec(dataset: dataset, trainer: """{"type":"command","params":{}}"""), default);
        Assert.Equal((400, "no_command"), (refused.Error!.Status, refused.Error.Code));

        await toy.ApplyAsync(blocks: Command("[/bin/sh, -c, \"echo no GPU here >&2; exit 7\"]", "{}"));
        var job = await toy.EndAsync((await toy.CreateAsync(toy.Spec(dataset: dataset) with { Trainer = null })).Id);
        Assert.Equal((JobState.Failed, "command_failed"), (job.State, job.Error!.Code));
        Assert.Contains("exit code 7", job.Error.Detail, StringComparison.Ordinal);
        Assert.Contains("no GPU here", job.Error.Detail, StringComparison.Ordinal);
        Assert.Null(await toy.ChampionAsync());
    }

    [Fact]
    public async Task A_column_that_gives_the_answer_away_ends_the_job_unless_the_model_says_otherwise()
    {
        var toy = new RetrainToy(loop);
        await toy.ApplyAsync();
        var random = new Random(26);
        var lines = Enumerable.Range(0, 300).Select(_ => random.Next(2) == 1).Select(up => FormattableString.Invariant($"{(up ? 1 : -1) * (0.1 + random.NextDouble()):R},{random.NextDouble():R},{(up ? "yes" : "no")}"));
        var dataset = await toy.UploadAsync(toy.Csv(0, 1) + string.Join('\n', lines));
        var job = await toy.EndAsync((await toy.CreateAsync(toy.Spec(dataset: dataset))).Id);
        Assert.Equal((JobState.Failed, "data_invalid"), (job.State, job.Error!.Code));
        Assert.Contains("Column 'z' alone tells target", job.Error.Detail, StringComparison.Ordinal);

        await toy.ApplyAsync(blocks: """
                trainer: {type: logistic_regression}
                retrain: {validate: {leakage: 1}}

            """);
        await toy.RetrainAsync(toy.Spec(dataset: dataset));
    }

    private static string Command(string command, string parameters) => $$"""
            trainer:
              type: command
              command: {{command}}
              params: {{parameters}}
              timeout: 2m

        """;

    private static string Sample(string name)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "OrleansMl.sln")))
            folder = folder.Parent;
        return Path.Combine(folder.FullName, "samples", "trainers", name, "train.py");
    }
}

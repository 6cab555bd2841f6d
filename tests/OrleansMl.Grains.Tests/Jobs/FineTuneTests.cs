using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using OrleansMl.Datasets;
using OrleansMl.Inference;
using OrleansMl.Jobs;
using OrleansMl.Jobs.FineTune;
using OrleansMl.Learning;
using OrleansMl.Retraining;
using OrleansMl.Services;
using OrleansMl.Storage;

namespace OrleansMl.Grains.Tests.Jobs;

[Collection(LoopCollection.Name)]
public sealed class FineTuneTests(LoopFixture loop)
{
    private const string Digits = "\"classes\":[\"0\",\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\"]";

    private IJobService Jobs => loop.Get<IJobService>();

    [SkippableFact]
    public async Task Five_digits_more_are_learned_and_those_that_were_known_stay()
    {
        var model = await RegisterAsync(DigitNetwork.Trained(5, digit => digit < 5));
        var (fresh, old) = (await UploadAsync(digit => digit >= 5), await UploadAsync(digit => digit < 5));
        var job = await RunAsync(model, fresh, $$"""{{{Digits}}, "rehearsal": "{{old}}", "epochs": 2, "reservoir": 200, "balanced": true, "delta": 0.2}""");
        var result = JsonDocument.Parse(job.Result!).RootElement;
        Assert.True(result.GetProperty("decision").GetString() == "registered", job.Result);
        Assert.Equal(("paired_t", "log_loss"), (result.GetProperty("evidence").GetProperty("test").GetString(), result.GetProperty("evidence").GetProperty("metric").GetString()));
        Assert.True(result.GetProperty("evidence").GetProperty("ci")[0].GetDouble() > 0, job.Result);
        Assert.Equal("accuracy", result.GetProperty("kept").GetProperty("metric").GetString());
        Assert.InRange(result.GetProperty("kept").GetProperty("ci")[0].GetDouble(), -0.2, result.GetProperty("kept").GetProperty("estimate").GetDouble());
        Assert.Equal(("1", "2"), (result.GetProperty("parent").GetString(), result.GetProperty("version").GetString()));
        Assert.Equal(0, job.Metrics["base.accuracy"]);
        Assert.InRange(job.Metrics["new.accuracy"], 0.88, 1);
        Assert.InRange(job.Metrics["new.old.accuracy"], 0.80, job.Metrics["base.old.accuracy"]);

        var version = (await loop.Control.GetVersionAsync(model, 2, default)).Value.Manifest;
        Assert.Equal((1, "head", fresh, old), (version.Parent, version.Tags["trainer"], version.Tags["dataset"], version.Tags["rehearsal"]));
        var lineage = version.Lineage!;
        Assert.Equal((job.Id, fresh, "head", 64), (lineage.Job, lineage.Dataset, lineage.Trainer, lineage.Plan.Length));
        Assert.Contains(old, lineage.Parameters, StringComparison.Ordinal);
        Assert.Contains((await loop.Get<ILineageService>().ListOfDatasetAsync(fresh, default)).Value, origin => origin.Version.Manifest.Model == model && origin.Version.Manifest.Version == version.Version);
        Assert.Equal(10, version.Outputs.Single().Shape[1]);
        Assert.InRange(await AccuracyAsync(model, 2, _ => true), 0.87, 0.95);
    }

    [SkippableFact]
    public async Task A_head_that_forgets_is_rejected_and_what_answers_stays()
    {
        var model = await RegisterAsync(DigitNetwork.Trained(10, digit => digit < 5));
        var (fresh, old) = (await UploadAsync(digit => digit >= 5), await UploadAsync(digit => digit < 5));
        var job = await RunAsync(model, fresh, $$"""{"rehearsal": "{{old}}", "epochs": 1, "replay": 0}""");
        var result = JsonDocument.Parse(job.Result!).RootElement;
        Assert.Equal(("rejected", "2"), (result.GetProperty("decision").GetString(), result.GetProperty("version").GetString()));
        Assert.StartsWith("it may have lost what version 1 knew: the mean difference of accuracy on 384 held-out rows of before is -0.", result.GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.InRange(result.GetProperty("kept").GetProperty("ci")[1].GetDouble(), -1, -0.5);
        Assert.Equal(1, (await loop.Grains.GetGrain<IModelGrain>(model).GetPlanAsync()).Default);

        // Nor is it what the next one begins with.
        var next = await loop.Get<IEnumerable<IJobRunner>>().OfType<FineTuneRunner>().Single().PrepareAsync(new JobSpec { Kind = "finetune", Model = model, Dataset = fresh }, default);
        Assert.Equal(1, next.Value.Version);
    }

    [SkippableFact]
    public async Task A_job_that_is_cut_off_anywhere_comes_to_the_same_network()
    {
        var model = await RegisterAsync(DigitNetwork.Trained(5, digit => digit < 5));
        var dataset = await UploadAsync(_ => true);
        var runner = loop.Get<IEnumerable<IJobRunner>>().OfType<FineTuneRunner>().Single();
        var spec = (await runner.PrepareAsync(new JobSpec { Kind = "finetune", Model = model, Dataset = dataset, Params = $$"""{{{Digits}}, "epochs": 3}""" }, default)).Value;
        var undisturbed = new CutContext(spec, int.MaxValue);
        var expected = JsonDocument.Parse((await runner.RunAsync(undisturbed)).Value).RootElement.GetProperty("version").GetString();
        Assert.Equal(["extract", "embed", "learn", "learn", "learn", "write", "evaluate", "register"], undisturbed.Steps);
        for (var cut = 0; cut < 8; cut++)
        {
            var context = new CutContext(spec, cut);
            await Assert.ThrowsAsync<JobFencedException>(() => runner.RunAsync(context));
            context.GoOn();

            // Equal bytes are the version that is there.
            Assert.Equal(expected, JsonDocument.Parse((await runner.RunAsync(context)).Value).RootElement.GetProperty("version").GetString());
            runner.CleanUp(context.JobId);
            Assert.Empty(Directory.EnumerateFiles(Path.Combine(loop.Store.DataFolder, "datasets", "work"), context.JobId + "*"));
        }
    }

    [SkippableTheory]
    [InlineData("""{"labell": "x"}""", "unknown_member")]
    [InlineData("""{"label": "digit"}""", "unknown_column")]
    [InlineData("""{"columns": ["x_1", "x_2"]}""", "wrong_columns")]
    [InlineData("""{"classes": ["a", "b"]}""", "invalid_classes")]
    [InlineData("""{"classes": ["a", "b", "c", "d", "e", "e"]}""", "invalid_classes")]
    [InlineData("""{"rehearsal": "none"}""", "unknown_dataset")]
    [InlineData("""{"learningRate": 0}""", "invalid_params")]
    [InlineData("""{"holdout": 1}""", "out_of_range")]
    [InlineData("""{"holdoutBy": "chance"}""", "invalid")]
    [InlineData("""{"promote": "yes"}""", "invalid")]
    public async Task What_cannot_be_learned_is_refused_before_the_job_is_made(string parameters, string code)
    {
        var model = await RegisterAsync(DigitNetwork.Trained(5, digit => digit < 5));
        var refused = await Jobs.CreateAsync(new JobSpec { Kind = "finetune", Model = model, Dataset = await UploadAsync(_ => true), Params = parameters }, default);
        Assert.Equal((refused.Error!.Code == "unknown_dataset" ? 404 : 400, code), (refused.Error.Status, refused.Error.Code));
    }

    [SkippableFact]
    public async Task A_network_without_a_head_and_names_that_nothing_has_are_refused()
    {
        var dataset = await UploadAsync(_ => true);
        Assert.Equal("missing_member", (await Jobs.CreateAsync(new JobSpec { Kind = "finetune", Dataset = dataset }, default)).Error!.Code);
        Assert.Equal("unknown_model", (await Jobs.CreateAsync(new JobSpec { Kind = "finetune", Dataset = dataset, Model = "nothing" }, default)).Error!.Code);
        var adding = await RegisterAsync(Models.Add(1));
        var refused = (await Jobs.CreateAsync(new JobSpec { Kind = "finetune", Dataset = dataset, Model = adding }, default)).Error!;
        Assert.Equal((400, HeadCodes.NotFound), (refused.Status, refused.Code));
        Assert.Contains("Add", refused.Detail, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_label_that_is_no_class_ends_the_job_with_its_line()
    {
        var model = await RegisterAsync(DigitNetwork.Trained(5, digit => digit < 5));
        var made = await Jobs.CreateAsync(new JobSpec { Kind = "finetune", Model = model, Dataset = await UploadAsync(_ => true) }, default);
        var job = await EndAsync(made.Value.Id);
        Assert.Equal((JobState.Failed, "row_failed"), (job.State, job.Error!.Code));
        Assert.Contains("the network has the classes 0 to 4", job.Error.Detail, StringComparison.Ordinal);
    }

    private async Task<double> AccuracyAsync(string model, int version, Func<int, bool> which)
    {
        await loop.Control.LoadAsync(model, version, default);
        var lines = DigitNetwork.Lines("test", which);
        float[] pixels = [.. lines.SelectMany(line => line.Split(',')[..64]).Select(text => float.Parse(text, System.Globalization.CultureInfo.InvariantCulture))];
        var answer = await loop.Inference.InferAsync(new InferRequest(model, version.ToString(System.Globalization.CultureInfo.InvariantCulture), [new Tensor("x", TensorType.Fp32, new long[] { lines.Length, 64 }, MemoryMarshal.AsBytes(pixels.AsSpan()).ToArray())], []), default);
        Assert.True(answer.IsSuccess, answer.Error?.Detail);
        var probabilities = MemoryMarshal.Cast<byte, float>(answer.Value.Outputs[0].Data.Span).ToArray().Chunk(10).ToArray();
        return lines.Index().Average(line => Array.IndexOf(probabilities[line.Index], probabilities[line.Index].Max()) == line.Item[^1] - '0' ? 1.0 : 0.0);
    }

    private async Task<string> RegisterAsync(byte[] network)
    {
        var model = "m" + Guid.NewGuid().ToString("n")[..12];
        var registered = await loop.Control.RegisterAsync(new RegisterVersion(model, network), default);
        Assert.True(registered.IsSuccess, registered.Error?.Detail);
        return model;
    }

    private async Task<string> UploadAsync(Func<int, bool> which)
    {
        var text = DigitNetwork.Csv(DigitNetwork.Lines("train", which));
        var job = await loop.Get<IDatasetService>().UploadAsync(new DatasetUpload(new MemoryStream(Encoding.UTF8.GetBytes(text)), "csv", "digits.csv", "test"), default);
        Assert.True(job.IsSuccess, job.Error?.Detail);
        return JsonDocument.Parse(job.Value.Result!).RootElement.GetProperty("dataset").GetString()!;
    }

    private async Task<JobStatus> RunAsync(string model, string dataset, string parameters)
    {
        var made = await Jobs.CreateAsync(new JobSpec { Kind = "finetune", Model = model, Dataset = dataset, Params = parameters }, default);
        Assert.True(made.IsSuccess, made.Error?.Detail);
        var job = await EndAsync(made.Value.Id);
        Assert.True(job.State == JobState.Succeeded, job.Error?.Detail);
        return job;
    }

    private async Task<JobStatus> EndAsync(string id)
    {
        await Eventually.IsAsync(async () => (await Jobs.GetAsync(id, default)).Value is { IsFinal: true } ? null : "it has not ended", TimeSpan.FromSeconds(90));
        return (await Jobs.GetAsync(id, default)).Value;
    }

    /// <summary>An attempt that another one replaces after some checkpoints.</summary>
    private sealed class CutContext(JobSpec spec, int cut) : IJobContext
    {
        private int _left = cut;

        public List<string> Steps { get; } = [];

        public string JobId { get; } = Guid.NewGuid().ToString("n");

        public int Attempt { get; private set; } = 1;

        public JobSpec Spec => spec;

        public TimeProvider Clock => TimeProvider.System;

        public string? Step => Steps.LastOrDefault();

        public ReadOnlyMemory<byte>? Checkpoint { get; private set; }

        public CancellationToken Cancellation => default;

        public void GoOn() => (Attempt, _left) = (Attempt + 1, int.MaxValue);

        public void Report(string step, double? fraction, ImmutableSortedDictionary<string, double> metrics) => Assert.InRange(fraction ?? 0, 0, 1);

        public Task SaveAsync(string step, ReadOnlyMemory<byte> checkpoint)
        {
            if (_left-- == 0)
                throw new JobFencedException("cut off");
            Steps.Add(step);
            Checkpoint = checkpoint.ToArray();
            return Task.CompletedTask;
        }

        public Task LogAsync(string level, string text) => Task.CompletedTask;
    }
}

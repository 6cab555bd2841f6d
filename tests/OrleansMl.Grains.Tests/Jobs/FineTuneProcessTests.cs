using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using OrleansMl.Datasets;
using OrleansMl.Grains.Tests.Retraining;
using OrleansMl.Inference;
using OrleansMl.Jobs;
using OrleansMl.Learning;
using OrleansMl.Services;

namespace OrleansMl.Grains.Tests.Jobs;

/// <summary>A head is learned by a process of its own, and what comes of it is what the library gives; what becomes of the version.</summary>
[Collection(LoopCollection.Name)]
public sealed class FineTuneProcessTests(LoopFixture loop)
{
    private const string Digits = "\"classes\":[\"0\",\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\"]";

    private IJobService Jobs => loop.Get<IJobService>();

    [SkippableTheory]
    [InlineData("random")]
    [InlineData("time")]
    public async Task The_process_comes_to_the_network_that_the_library_gives_bit_for_bit(string holdoutBy)
    {
        var network = DigitNetwork.Trained(5, digit => digit < 5);
        var model = await RegisterAsync(network);
        var job = await RunAsync(model, await UploadAsync(_ => true), $$"""{{{Digits}}, "epochs": 2, "batchRows": 50, "holdoutBy": "{{holdoutBy}}", "reservoir": 50}""", seed: 3);
        var version = int.Parse(Result(job).GetProperty("version").GetString()!, CultureInfo.InvariantCulture);
        var artifact = await loop.Control.GetArtifactAsync(model, version, default);
        Assert.Equal(Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(Learned(network, holdoutBy))), Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(artifact.Value)));
    }

    [SkippableFact]
    public async Task What_is_better_than_its_parent_takes_the_place_of_the_champion_with_the_evidence()
    {
        var model = await RegisterAsync(DigitNetwork.Trained(5, digit => digit < 5));
        var champion = await loop.Grains.GetGrain<IModelGrain>(model).PromoteAsync(new PromotionRequest(1, null, Force: false, "the first", "test", null));
        Assert.True(champion.IsSuccess, champion.Error?.Detail);
        var dataset = await UploadAsync(_ => true);
        var job = await RunAsync(model, dataset, $$"""{{{Digits}}, "epochs": 1, "promote": "auto"}""");
        var result = Result(job);
        Assert.Equal(("promoted", "2"), (result.GetProperty("decision").GetString(), result.GetProperty("version").GetString()));
        var grain = loop.Grains.GetGrain<IModelGrain>(model);
        Assert.Equal(2, (await grain.GetPlanAsync()).Default);
        var promotion = (await grain.GetPromotionsAsync())[^1];
        Assert.Equal((1, 2, "finetune"), (promotion.From, promotion.To, promotion.By));
        Assert.Equal(result.GetProperty("evidence").GetProperty("estimate").GetDouble(), promotion.Evidence!.Estimate);

        // A child of the first is better than the first, and not than the champion of now: nobody has compared them.
        var second = Result(await RunAsync(model, dataset, $$"""{{{Digits}}, "epochs": 2, "promote": "auto"}""", version: 1));
        Assert.Equal(("registered", "it was compared with its parent, version 1, and the champion is version 2"), (second.GetProperty("decision").GetString(), second.GetProperty("reason").GetString()));
        Assert.Equal(2, (await grain.GetPlanAsync()).Default);

        // What the champion was learned as, again: nothing is to be done.
        var same = Result(await RunAsync(model, dataset, $$"""{{{Digits}}, "epochs": 1, "promote": "auto"}""", version: 1));
        Assert.Equal(("2", "it is the champion, bit for bit"), (same.GetProperty("version").GetString(), same.GetProperty("reason").GetString()));
    }

    [SkippableFact]
    public async Task What_is_rejected_does_not_answer_though_nothing_else_does()
    {
        var model = await RegisterAsync(DigitNetwork.Trained(10, _ => true));
        Assert.True((await loop.Control.UnloadAsync(model, 1, default)).IsSuccess);
        var wild = Result(await RunAsync(model, await UploadAsync(_ => true), """{"epochs": 1, "learningRate": 5}""", version: 1));
        Assert.Equal(("rejected", "2"), (wild.GetProperty("decision").GetString(), wild.GetProperty("version").GetString()));
        Assert.Empty((await loop.Grains.GetGrain<IModelGrain>(model).GetPlanAsync()).Versions);
    }

    [SkippableFact]
    public async Task What_is_no_better_is_rejected_and_what_learned_nothing_is_its_parent()
    {
        var model = await RegisterAsync(DigitNetwork.Trained(10, _ => true));
        var dataset = await UploadAsync(_ => true);
        var wild = Result(await RunAsync(model, dataset, """{"epochs": 1, "learningRate": 5, "promote": "auto"}"""));
        Assert.Equal("rejected", wild.GetProperty("decision").GetString());
        Assert.StartsWith("it is not better than version 1: the mean difference of log_loss is -", wild.GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Null, wild.GetProperty("kept").ValueKind);
        Assert.Equal(1, (await loop.Grains.GetGrain<IModelGrain>(model).GetPlanAsync()).Default);

        // Steps too small for a float32 leave the file as it was.
        var still = Result(await RunAsync(model, dataset, """{"epochs": 1, "learningRate": 1e-30, "promote": "auto"}"""));
        Assert.Equal(("registered", "it is its parent, bit for bit"), (still.GetProperty("decision").GetString(), still.GetProperty("reason").GetString()));
        Assert.Equal("1", still.GetProperty("version").GetString());
    }

    [SkippableFact]
    public async Task Few_rows_prove_nothing()
    {
        var model = await RegisterAsync(DigitNetwork.Trained(5, digit => digit < 5));
        var result = Result(await RunAsync(model, await UploadAsync(_ => true, most: 40), $$"""{{{Digits}}, "epochs": 1}"""));
        Assert.Equal(("rejected", "8 rows were held out, and 30 are needed: give more rows, or hold out more of them"), (result.GetProperty("decision").GetString(), result.GetProperty("reason").GetString()));
    }

    [SkippableFact]
    public async Task A_process_that_dies_fails_the_job_and_says_so()
    {
        var (_, job) = await LearningAsync();
        foreach (var process in TrainingProcesses.Of(job))
            TrainingProcesses.Kill(process);
        var ended = await EndAsync(job);
        Assert.Equal((JobState.Failed, "command_failed"), (ended.State, ended.Error!.Code));
        Assert.Contains("signal 9", ended.Error.Detail, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_learning_that_is_cancelled_ends_at_once_and_nothing_of_it_stays()
    {
        var (model, job) = await LearningAsync();
        Assert.True((await Jobs.CancelAsync(job, default)).IsSuccess);
        Assert.Equal(JobState.Cancelled, (await EndAsync(job)).State);
        await Eventually.IsAsync(() => Task.FromResult(TrainingProcesses.Of(job).Count == 0 ? null : "its process is there"), TimeSpan.FromSeconds(20));
        Assert.Single((await loop.Control.GetModelAsync(model, default)).Value.Versions);
        await Eventually.IsAsync(() => Task.FromResult(Directory.EnumerateFileSystemEntries(Path.Combine(loop.Store.DataFolder, "datasets", "work"), job + "*").Any() ? "its files are there" : null));
    }

    /// <summary>A job that learns for long, once its process does.</summary>
    private async Task<(string Model, string Job)> LearningAsync()
    {
        var model = await RegisterAsync(DigitNetwork.Trained(5, digit => digit < 5));
        var made = await Jobs.CreateAsync(new JobSpec { Kind = "finetune", Model = model, Dataset = await UploadAsync(_ => true), Params = $$"""{{{Digits}}, "epochs": 1000, "replay": 16}""" }, default);
        Assert.True(made.IsSuccess, made.Error?.Detail);
        await Eventually.IsAsync(async () => (await Jobs.GetAsync(made.Value.Id, default)).Value is { Step: "learn" } && TrainingProcesses.Of(made.Value.Id).Count > 0 ? null : "it does not learn yet", TimeSpan.FromSeconds(60));
        return (model, made.Value.Id);
    }

    /// <summary>As the job is to learn, by the library alone.</summary>
    private static byte[] Learned(byte[] network, string holdoutBy)
    {
        const int Seed = 3;
        const int Batch = 50;
        var head = HeadFinder.Find(network);
        var lines = DigitNetwork.Lines("train", _ => true);
        float[] pixels = [.. lines.SelectMany(line => line.Split(',')[..64]).Select(text => float.Parse(text, CultureInfo.InvariantCulture))];
        using var trunk = TrunkModel.Load(head);
        var embeddings = new float[lines.Length * 64];
        for (var from = 0; from < lines.Length; from += Batch)
        {
            var n = Math.Min(Batch, lines.Length - from);
            trunk.Embed(n, pixels.AsSpan(from * 64, n * 64), embeddings.AsSpan(from * 64, n * 64));
        }

        var learner = HeadLearners.Start(head.Start, new Dictionary<string, object> { ["reservoir"] = 50.0 }, Seed).WithClasses(10);
        var split = Splitter.HoldOut(lines.Length, 0.2, holdoutBy == "random" ? Seed : null);
        for (var epoch = 0; epoch < 2; epoch++)
        {
            int[] order = [.. split.Train];
            new Random((Seed * 7919) + epoch).Shuffle(order);
            foreach (var row in order)
                learner.LearnOne(embeddings.AsSpan(row * 64, 64).ToArray().Select(value => (double)value).ToArray(), lines[row][^1] - '0');
        }

        return HeadWriter.Write(head, learner.Head, [.. Enumerable.Range(0, 10).Select(digit => $"{digit}")]);
    }

    private static JsonElement Result(JobStatus job) => JsonDocument.Parse(job.Result!).RootElement;

    private async Task<string> RegisterAsync(byte[] network)
    {
        var model = "m" + Guid.NewGuid().ToString("n")[..12];
        var registered = await loop.Control.RegisterAsync(new RegisterVersion(model, network), default);
        Assert.True(registered.IsSuccess, registered.Error?.Detail);
        return model;
    }

    private async Task<string> UploadAsync(Func<int, bool> which, int most = int.MaxValue)
    {
        var text = DigitNetwork.Csv(DigitNetwork.Lines("train", which).Take(most));
        var job = await loop.Get<IDatasetService>().UploadAsync(new DatasetUpload(new MemoryStream(Encoding.UTF8.GetBytes(text)), "csv", "digits.csv", "test"), default);
        Assert.True(job.IsSuccess, job.Error?.Detail);
        return JsonDocument.Parse(job.Value.Result!).RootElement.GetProperty("dataset").GetString()!;
    }

    private async Task<JobStatus> RunAsync(string model, string dataset, string parameters, int? version = null, long? seed = null)
    {
        var made = await Jobs.CreateAsync(new JobSpec { Kind = "finetune", Model = model, Dataset = dataset, Params = parameters, Version = version, Seed = seed }, default);
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
}

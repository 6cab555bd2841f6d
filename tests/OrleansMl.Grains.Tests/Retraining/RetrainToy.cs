using System.Globalization;
using System.Text;
using System.Text.Json;
using OrleansMl.Datasets;
using OrleansMl.Jobs;

namespace OrleansMl.Grains.Tests.Retraining;

/// <summary>A small application whose model is only ever retrained, and its jobs.</summary>
internal sealed class RetrainToy(LoopFixture loop)
{
    private const string Trainer = """{"type":"logistic_regression","params":{"epochs":3,"learningRate":0.5}}""";

    public Toy Toy { get; } = new(loop);

    public string Name => Toy.Name;

    private IJobService Jobs => loop.Get<IJobService>();

    /// <summary>Applies it, without a learner; the promotion asks for 30 rows.</summary>
    /// <param name="promotion">More members of the promotion.</param>
    /// <param name="blocks">More blocks of the model.</param>
    /// <param name="test">Of the promotion.</param>
    public async Task ApplyAsync(string promotion = "", string blocks = "", string test = "test: confidence_sequence")
    {
        var yaml = Toy.Yaml(minOutcomes: 30);
        var (learner, rest) = (yaml.IndexOf("    learner:", StringComparison.Ordinal), yaml.IndexOf("    promotion:", StringComparison.Ordinal));
        await Toy.ApplyAsync((yaml[..learner] + blocks + yaml[rest..]).Replace("cooldown: 20 outcomes", "cooldown: 20 outcomes" + promotion, StringComparison.Ordinal).Replace("test: confidence_sequence", test, StringComparison.Ordinal));
    }

    /// <summary>A job with few rows, and three passes over them.</summary>
    public JobSpec Spec(string? window = null, string? dataset = null, string trainer = Trainer, string parameters = """{"minRows":50}""") =>
        new() { Kind = "retrain", Model = Name, Window = window, Dataset = dataset, Trainer = trainer, Params = parameters, By = "test" };

    public async Task<JobStatus> CreateAsync(JobSpec spec)
    {
        var made = await Jobs.CreateAsync(spec, default);
        Assert.True(made.IsSuccess, made.Error?.Detail);
        return made.Value;
    }

    public async Task<JobStatus> EndAsync(string id)
    {
        await Eventually.IsAsync(async () => (await Jobs.GetAsync(id, default)).Value is { IsFinal: true } ? null : "it has not ended", TimeSpan.FromSeconds(90));
        return (await Jobs.GetAsync(id, default)).Value;
    }

    /// <summary>Makes the job and waits for its result.</summary>
    public async Task<JsonElement> RetrainAsync(JobSpec spec)
    {
        var job = await EndAsync((await CreateAsync(spec)).Id);
        Assert.True(job.State == JobState.Succeeded, job.Error?.Detail);
        return JsonDocument.Parse(job.Result!).RootElement;
    }

    public async Task<ModelInfo> ModelAsync() => (await loop.Control.GetModelAsync(Name, default)).Value;

    public async Task<int?> ChampionAsync() => (await ModelAsync()).Aliases.TryGetValue(ServingPlan.Champion, out var champion) ? champion : null;

    /// <summary>Rows of a data set: the truth is the sign of z where it is not turned round.</summary>
    public string Csv(int rows, int seed, bool turned = false, string header = "z,{0}:x,{1}")
    {
        var random = new Random(seed);
        var text = new StringBuilder(string.Format(CultureInfo.InvariantCulture, header, Toy.View, Toy.Target)).Append('\n');
        for (var i = 0; i < rows; i++)
        {
            var z = (random.NextDouble() * 4) - 2;
            text.Append(CultureInfo.InvariantCulture, $"{z:R},{random.NextDouble():R},{(z > 0 != turned == random.NextDouble() > 0.1 ? "yes" : "no")}\n");
        }

        return text.ToString();
    }

    /// <summary>Predictions with their truths: the sign of z, turned round or not, and wrong one time in ten.</summary>
    public Task LabelAsync(int rows, int seed, bool turned = false)
    {
        var noise = new Random(seed + 1000);
        return Toy.LabelAsync(rows, seed, z => z > 0 != turned == noise.NextDouble() > 0.1);
    }

    public async Task<string> UploadAsync(string text)
    {
        var job = await loop.Get<IDatasetService>().UploadAsync(new DatasetUpload(new MemoryStream(Encoding.UTF8.GetBytes(text)), "csv", "rows.csv", "test"), default);
        Assert.True(job.IsSuccess, job.Error?.Detail);
        return JsonDocument.Parse(job.Value.Result!).RootElement.GetProperty("dataset").GetString()!;
    }
}

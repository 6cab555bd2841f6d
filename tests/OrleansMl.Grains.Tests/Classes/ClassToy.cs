using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using OrleansMl.Datasets;
using OrleansMl.Jobs;
using OrleansMl.Services;
using OrleansMl.Wire;

namespace OrleansMl.Grains.Tests.Classes;

/// <summary>An application of one model whose target has several classes, under a name of its own.</summary>
/// <param name="loop">The cluster.</param>
/// <param name="inputs">Numbers that come with a request, by their names.</param>
/// <param name="classes">Names of the classes.</param>
internal sealed class ClassToy(LoopFixture loop, string[] inputs, string[] classes)
{
    private int _next;

    public string Name { get; } = "c" + Guid.NewGuid().ToString("n")[..12];

    public string Target => Name + "-kind";

    public EntityId Entity => new(Name + "-thing", "1");

    /// <summary>The application.</summary>
    /// <param name="learner">Block of the learner; empty: there is none.</param>
    /// <param name="target">More members of the target.</param>
    /// <param name="blocks">More blocks of the model.</param>
    public string Yaml(string learner = "{type: softmax, params: {optimizer: adagrad, learningRate: 0.3}, bootstrap: {outcomes: 60, epochs: 3}}", string target = "", string blocks = "") => $$"""
        apiVersion: orleansml/v1
        kind: Application
        name: {{Name}}
        entities: [{name: {{Name}}-thing}]
        models:
          - name: {{Name}}
            entity: {{Name}}-thing
            inputs: { {{string.Join(", ", inputs.Select(name => name + ": {type: float, required: true}"))}} }
            target: {name: {{Target}}, type: multiclass, classes: [{{string.Join(", ", classes.Select(name => $"\"{name}\""))}}], window: 1h{{target}}}
            promotion: {metric: log_loss, minOutcomes: 50, cooldown: 20 outcomes}
        {{(learner.Length > 0 ? "    learner: " + learner : "")}}
        {{blocks}}
        """;

    public async Task ApplyAsync(string? yaml = null)
    {
        var applied = await loop.Control.ApplyAsync(new ApplyRequest(yaml ?? Yaml()), default);
        Assert.True(applied.IsSuccess, applied.Error?.Detail + string.Join("; ", applied.Error?.Faults.Select(f => $"{f.Line}:{f.Column} {f.Detail}") ?? []));
        for (var silo = 0; silo < loop.Cluster.Silos.Count; silo++)
            await loop.Get<Catalog.CatalogCache>(silo).CatchUpAsync(applied.Value.CatalogRevision);
    }

    public PredictRequest Request(params double[] values) => new()
    {
        Model = Name,
        Entity = Entity,
        Inputs = [.. inputs.Zip(values, (name, value) => new NamedValue(name, Scalar.Of(value)))],
    };

    public async Task<PredictResponse> PredictAsync(params double[] values)
    {
        var predicted = await loop.Predictions.PredictAsync(Request(values), default);
        Assert.True(predicted.IsSuccess, predicted.Error?.Detail);
        return predicted.Value;
    }

    public async Task<OutcomeResult> OutcomeAsync(string predictionId, Scalar value, string? id = null) =>
        (await loop.Ingest.RecordOutcomesAsync([new IngestOutcome(id ?? "o" + Interlocked.Increment(ref _next).ToString(CultureInfo.InvariantCulture), predictionId, null, null, null, null, value, null, 0)], default))[0];

    /// <summary>Predicts rows and tells their truths, each before the next is asked; the trainer has learned all of them when it is done.</summary>
    public async Task<List<PredictResponse>> TeachAsync(IEnumerable<(double[] Values, string Truth)> rows)
    {
        var answers = new List<PredictResponse>();
        foreach (var (values, truth) in rows)
        {
            answers.Add(await PredictAsync(values));
            Assert.Equal(OutcomeStatus.Joined, (await OutcomeAsync(answers[^1].PredictionId, Scalar.Of(truth))).Status);
            loop.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        await loop.DrainAsync(Name);
        return answers;
    }

    /// <summary>Makes a job and waits for its result.</summary>
    public async Task<JsonElement> RunAsync(JobSpec spec)
    {
        var jobs = loop.Get<IJobService>();
        var made = await jobs.CreateAsync(spec, default);
        Assert.True(made.IsSuccess, made.Error?.Detail);
        await Eventually.IsAsync(async () => (await jobs.GetAsync(made.Value.Id, default)).Value is { IsFinal: true } ? null : "it has not ended", TimeSpan.FromSeconds(300));
        var job = (await jobs.GetAsync(made.Value.Id, default)).Value;
        Assert.True(job.State == JobState.Succeeded, job.Error?.Detail);
        return JsonDocument.Parse(job.Result!).RootElement;
    }

    /// <summary>Rows as a data set; its id.</summary>
    public async Task<string> UploadAsync(string csv)
    {
        var job = await loop.Get<IDatasetService>().UploadAsync(new DatasetUpload(new MemoryStream(Encoding.UTF8.GetBytes(csv)), "csv", "rows.csv", "test"), default);
        Assert.True(job.IsSuccess, job.Error?.Detail);
        return JsonDocument.Parse(job.Value.Result!).RootElement.GetProperty("dataset").GetString()!;
    }

    public async Task<LearnerStatus> LearnerAsync() => (await loop.Control.GetLearnerAsync(Name, default)).Value;

    public async Task<int?> ChampionAsync() =>
        (await loop.Control.GetModelAsync(Name, default)).Value.Aliases.TryGetValue(ServingPlan.Champion, out var champion) ? champion : null;

    /// <summary>This silo's plan is as new as what was promoted last.</summary>
    public async Task CatchUpAsync() =>
        await loop.Get<Serving.PlanCache>().CatchUpAsync(Name, (await loop.Control.GetModelAsync(Name, default)).Value.PlanRevision, default);

    /// <summary>Probabilities of an answer by the names of the classes.</summary>
    public static ImmutableDictionary<string, double> Probabilities(PredictResponse answer) =>
        answer.Values.ToImmutableDictionary(value => value.Name, value => value.Value.AsNumber(), StringComparer.Ordinal);
}

using System.Collections.Immutable;
using System.Globalization;
using OrleansMl.Services;
using OrleansMl.Wire;

namespace OrleansMl.Grains.Tests;

/// <summary>A small application under a name of its own, so that tests share a cluster and not their state.</summary>
public sealed class Toy
{
    private readonly LoopFixture _loop;
    private int _next;

    public Toy(LoopFixture loop, string? name = null)
    {
        _loop = loop;
        Name = name ?? "t" + Guid.NewGuid().ToString("n")[..12];
    }

    public string Name { get; }

    public string EntityType => Name + "-client";

    public string View => Name + "-now";

    public string Target => Name + "-y";

    public EntityId Entity(string id = "1") => new(EntityType, id);

    public string Yaml(string clock = "wall", int bootstrap = 40, string fallback = "none", string window = "1h", string extraFeature = "", string learningRate = "0.5", string postprocess = "[{threshold: {at: 0.5, below: \"no\", above: \"yes\"}}]", int minOutcomes = 50) => $$$$"""
        apiVersion: orleansml/v1
        kind: Application
        name: {{{{Name}}}}
        clock: {{{{clock}}}}
        entities:
          - {name: {{{{EntityType}}}}, attributes: {segment: {type: string}, vip: {type: bool}}}
        events:
          - name: {{{{Name}}}}-tick
            entity: {{{{EntityType}}}}
            fields: {x: {type: float, range: [-1000, 1000]}, note: {type: string}}
        views:
          - name: {{{{View}}}}
            entity: {{{{EntityType}}}}
            source: {event: {{{{Name}}}}-tick}
            ttl: 2h
            features:
              x: {agg: last, field: x}
              sum_1h: {agg: sum, field: x, window: {sliding: 1h}, default: 0}
              n_1h: {agg: count, window: {sliding: 1h}, default: 0}
              {{{{extraFeature}}}}
          - name: {{{{Name}}}}-truth
            entity: {{{{EntityType}}}}
            source: {outcome: {{{{Target}}}}}
            features: {last: {agg: last, field: value, default: 0}, n: {agg: count, default: 0}}
        models:
          - name: {{{{Name}}}}
            entity: {{{{EntityType}}}}
            inputs: {z: {type: float, range: [-10, 10]}}
            features: ["{{{{View}}}}:*"]
            pipeline:
              - impute: {columns: all, strategy: mean}
              - standard_scale: {columns: numeric}
            target: {name: {{{{Target}}}}, type: binary, classes: ["no", "yes"], window: {{{{window}}}}, default: {{{{fallback}}}}}
            learner:
              type: logistic_regression
              params: {learningRate: {{{{learningRate}}}}, adaptive: true, normalized: true}
              seed: 1
              serve: promoted
              bootstrap: {outcomes: {{{{bootstrap}}}}, epochs: 3}
            promotion: {metric: log_loss, test: confidence_sequence, alpha: 0.05, minOutcomes: {{{{minOutcomes}}}}, cooldown: 20 outcomes}
            postprocess: {{{{postprocess}}}}
        """;

    /// <summary>The application with a model of the input z alone, without pipeline and learner: a registered file scores it.</summary>
    public string YamlOfFile()
    {
        var yaml = Yaml();
        return yaml[..yaml.IndexOf("    learner:", StringComparison.Ordinal)]
            .Replace("    pipeline:\n      - impute: {columns: all, strategy: mean}\n      - standard_scale: {columns: numeric}\n", "", StringComparison.Ordinal)
            .Replace($"    features: [\"{View}:*\"]\n", "", StringComparison.Ordinal);
    }

    public async Task<ApplyResult> ApplyAsync(string? yaml = null)
    {
        var applied = await _loop.Control.ApplyAsync(new ApplyRequest(yaml ?? Yaml()), default);
        Assert.True(applied.IsSuccess, applied.Error?.Detail + string.Join("; ", applied.Error?.Faults.Select(f => $"{f.Line}:{f.Column} {f.Detail}") ?? []));

        // Both silos know it before the test goes on.
        for (var silo = 0; silo < _loop.Cluster.Silos.Count; silo++)
            await _loop.Get<Catalog.CatalogCache>(silo).CatchUpAsync(applied.Value.CatalogRevision);
        return applied.Value;
    }

    public IngestEvent Tick(double x, DateTime? time = null, string id = "1", string? eventId = null) =>
        new(eventId ?? NextId("e"), Entity(id), Name + "-tick", time, [new NamedValue("x", Scalar.Of(x))]);

    public async Task<AppendOutcome> AppendAsync(IngestEvent item) =>
        (await _loop.Ingest.AppendEventsAsync([item], default)).Items[0];

    public async Task<PredictResponse> PredictAsync(double z = 0, string id = "1", DateTime? time = null, string? requestId = null, int silo = 0, int? version = null)
    {
        var predicted = await _loop.Get<IPredictionService>(silo).PredictAsync(new PredictRequest
        {
            Model = Name,
            Entity = Entity(id),
            Inputs = [new NamedValue("z", Scalar.Of(z))],
            EventTime = time,
            RequestId = requestId,
            IncludeFeatures = true,
            Version = version,
        }, default);
        Assert.True(predicted.IsSuccess, predicted.Error?.Detail);
        return predicted.Value;
    }

    public async Task<OutcomeResult> OutcomeAsync(string predictionId, Scalar value, string? outcomeId = null, int revision = 0, DateTime? time = null) =>
        (await _loop.Ingest.RecordOutcomesAsync([new IngestOutcome(outcomeId ?? NextId("o"), predictionId, null, null, null, time, value, null, revision)], default))[0];

    public async Task<OutcomeResult> OutcomeAsync(EntityId entity, Scalar value, DateTime? time, string? outcomeId = null, int revision = 0) =>
        (await _loop.Ingest.RecordOutcomesAsync([new IngestOutcome(outcomeId ?? NextId("o"), null, entity, Target, null, time, value, null, revision)], default))[0];

    public async Task<ImmutableArray<FeatureValue>> ReadAsync(string id = "1", DateTime? asOf = null, params string[] names)
    {
        var read = await _loop.Ingest.ReadFeaturesAsync(Entity(id), new FeatureQuery([.. names], asOf), default);
        Assert.True(read.IsSuccess, read.Error?.Detail);
        return read.Value.Features;
    }

    /// <summary>Rows whose truth is the sign of z + drift: learnable, and changing when drift does.</summary>
    public async Task<List<PredictResponse>> TeachAsync(int rows, int seed, Func<double, bool> truth, string id = "1")
    {
        var answers = await LabelAsync(rows, seed, truth, id);
        await DrainAsync();
        return answers;
    }

    /// <summary>The same without waiting for the trainer, which gets the examples by the stream.</summary>
    public async Task<List<PredictResponse>> LabelAsync(int rows, int seed, Func<double, bool> truth, string id = "1")
    {
        var random = new Random(seed);
        var answers = new List<PredictResponse>();
        for (var i = 0; i < rows; i++)
        {
            var z = (random.NextDouble() * 4) - 2;
            await AppendAsync(Tick(random.NextDouble(), _loop.Clock.Now, id));
            var answer = await PredictAsync(z, id);
            answers.Add(answer);
            var result = await OutcomeAsync(answer.PredictionId, Scalar.Of(truth(z)));
            Assert.Equal(OutcomeStatus.Joined, result.Status);
            _loop.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        return answers;
    }

    /// <inheritdoc cref="LoopFixture.DrainAsync"/>
    public Task DrainAsync() => _loop.DrainAsync(Name);

    private string NextId(string prefix) => prefix + Interlocked.Increment(ref _next).ToString(CultureInfo.InvariantCulture);
}

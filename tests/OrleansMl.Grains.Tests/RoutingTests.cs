using System.Runtime.InteropServices;
using OrleansMl.Inference;
using OrleansMl.Services;
using OrleansMl.Serving;

namespace OrleansMl.Grains.Tests;

/// <summary>
/// Requests between silos: silo 0 is a gateway that loads nothing, the others serve. On an engine of one silo there is nobody to
/// send to, and what is left of it is tested by <see cref="StrayReplicaTests"/>.
/// </summary>
[Collection(QuietCollection.Name)]
public sealed class RoutingTests : IAsyncLifetime
{
    private readonly LoopFixture _loop = new()
    {
        ServingOf = static (silo, options) =>
        {
            options.Serves = silo != 0 || EngineInfo.Silos == 1;
            options.ReportPeriod = TimeSpan.FromMilliseconds(50);
        },
    };

    public Task InitializeAsync() => EngineInfo.Silos == 1 ? Task.CompletedTask : _loop.InitializeAsync();

    public Task DisposeAsync() => EngineInfo.Silos == 1 ? Task.CompletedTask : _loop.DisposeAsync();

    [SkippableFact]
    public async Task A_silo_that_loads_nothing_answers_by_one_that_does()
    {
        Skip.If(EngineInfo.Silos == 1, "one silo");
        var model = await ModelAsync(null);
        Assert.Equal(6f, Value(await InferAsync(0, model, 5)));
        Assert.Equal(6f, Value(await InferAsync(1, model, 5)));
        Assert.Empty(_loop.Get<ReplicaHost>(0).Lives);
        Assert.Null((await _loop.Get<IInferenceService>(0).DescribeAsync(model, null, default)).Value.Reason);
        Assert.Equal(2, (await _loop.Get<IInferenceService>(1).ReadStatisticsAsync(model, 1, default))!.Runs.InferenceCount);
    }

    [SkippableFact]
    public async Task Text_tensors_errors_and_unknown_names_come_through_the_hop_as_they_are()
    {
        Skip.If(EngineInfo.Silos == 1, "one silo");
        var model = await ModelAsync("""{"max_batch_size":4}""");
        foreach (var silo in new[] { 0, 1 })
        {
            var tooMany = await _loop.Get<IInferenceService>(silo).InferAsync(new InferRequest(model, null, [Floats(1, 2, 3, 4, 5)], []), default);
            Assert.Equal(400, tooMany.Error!.Status);
            Assert.Contains("<= 4", tooMany.Error.Detail, StringComparison.Ordinal);
            var unknown = await _loop.Get<IInferenceService>(silo).InferAsync(new InferRequest(model, "7", [Floats(1)], []), default);
            Assert.Equal(404, unknown.Error!.Status);
            var wrong = await _loop.Get<IInferenceService>(silo).InferAsync(new InferRequest(model, null, [Floats(1)], ["z"]), default);
            Assert.Equal(400, wrong.Error!.Status);
        }

        Tensor[] tensors = [new Tensor("t", new long[] { 2 }, new ReadOnlyMemory<byte>[] { "ä"u8.ToArray(), Array.Empty<byte>() }), Floats(1, 2)];
        var back = TensorMessage.ToTensors(TensorMessage.Of(tensors));
        Assert.Equal(["ä"u8.ToArray(), []], back[0].Elements.ToArray().Select(e => e.ToArray()));
        Assert.Equal(tensors[1].Data.ToArray(), back[1].Data.ToArray());
    }

    [SkippableFact]
    public async Task Predictions_of_an_application_are_scored_where_the_version_is_with_the_same_explanation()
    {
        Skip.If(EngineInfo.Silos == 1, "one silo");
        var toy = new Toy(_loop);
        await toy.ApplyAsync(toy.Yaml(bootstrap: 60));
        await toy.TeachAsync(60, 1, z => z > 0);
        var revision = (await _loop.Control.GetModelAsync(toy.Name, default)).Value.PlanRevision;
        await _loop.Get<PlanCache>(0).CatchUpAsync(toy.Name, revision, default);
        await _loop.Get<PlanCache>(1).CatchUpAsync(toy.Name, revision, default);
        var answers = new List<PredictResponse>();
        foreach (var silo in new[] { 0, 1 })
        {
            var answer = await _loop.Get<IPredictionService>(silo).PredictAsync(
                new PredictRequest { Model = toy.Name, Entity = toy.Entity("routed"), Inputs = [new NamedValue("z", Scalar.Of(1.5))], IncludeExplanation = true }, default);
            Assert.True(answer.IsSuccess, answer.Error?.Detail);
            answers.Add(answer.Value);
        }

        Assert.NotNull(answers[0].Version);
        Assert.Equal(answers[1].Score, answers[0].Score);
        Assert.Equal(answers[1].Explanation!.Columns.AsEnumerable(), answers[0].Explanation!.Columns);
        Assert.Equal(answers[1].Explanation!.Baseline, answers[0].Explanation!.Baseline);
    }

    [SkippableFact]
    public async Task A_request_that_every_replica_rejects_is_told_the_reason()
    {
        Skip.If(EngineInfo.Silos == 1, "one silo");
        var third = await AddServingSiloAsync();
        var model = await ModelAsync("""{"max_batch_size":4,"dynamic_batching":{"preferred_batch_size":[2],"max_queue_delay_microseconds":30000000,"default_queue_policy":{"max_queue_size":1,"default_timeout_microseconds":60000000}}}""", third);
        await KnownAsync(0, model, 2);

        // One waits on each replica for company; the next is rejected by both.
        var first = InferAsync(1, model, 1);
        var second = InferAsync(third, model, 2);
        await Eventually.IsAsync(() => Task.FromResult(LoadOf(1, model) + LoadOf(third, model) == 2 ? null : "They do not wait yet."));
        var rejected = await InferAsync(0, model, 3);
        Assert.Equal((503, "queue_full"), (rejected.Error!.Status, rejected.Error.Code));

        Assert.False(first.IsCompleted);
        Assert.False(second.IsCompleted);
    }

    [SkippableFact]
    public async Task Two_requests_at_once_find_the_one_place_of_each_replica()
    {
        Skip.If(EngineInfo.Silos == 1, "one silo");
        var third = await AddServingSiloAsync();
        var model = await ModelAsync("""{"max_batch_size":4,"dynamic_batching":{"max_queue_delay_microseconds":100000,"default_queue_policy":{"max_queue_size":1}}}""", third);
        await KnownAsync(0, model, 2);
        for (var round = 0; round < 10; round++)
        {
            var answers = await Task.WhenAll(InferAsync(round % 2 == 0 ? 0 : 1, model, 1), InferAsync(0, model, 2));
            Assert.Equal([2f, 3f], answers.Select(Value));
        }
    }

    [SkippableFact]
    public async Task A_silo_that_dies_under_load_costs_no_request_its_answer()
    {
        Skip.If(EngineInfo.Silos == 1, "one silo");
        var third = await AddServingSiloAsync();
        var model = await ModelAsync(null, third);
        await KnownAsync(0, model, 2);
        using var stop = new CancellationTokenSource();
        var answered = 0;
        var callers = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                Assert.Equal(i + 1f, Value(await InferAsync(0, model, i)));
                Interlocked.Increment(ref answered);
            }
        })).ToArray();
        await Eventually.IsAsync(() => Task.FromResult(Volatile.Read(ref answered) > 200 ? null : "Too few requests yet."));
        await _loop.Cluster.KillSiloAsync(_loop.Cluster.Silos[third]);
        var atKill = Volatile.Read(ref answered);
        await Eventually.IsAsync(() => Task.FromResult(Volatile.Read(ref answered) > atKill + 200 || callers.Any(c => c.IsFaulted) ? null : "Too few requests after the kill yet."));
        await stop.CancelAsync();
        await Task.WhenAll(callers);
    }

    [SkippableFact]
    public async Task A_sequence_goes_on_where_it_was_begun_whichever_silo_its_requests_come_to()
    {
        Skip.If(EngineInfo.Silos == 1, "one silo");
        var third = await AddServingSiloAsync();
        var model = await ModelAsync("""{"max_batch_size":4,"sequence_batching":{"max_sequence_idle_microseconds":600000000}}""", third);
        foreach (var silo in new[] { 0, 1, third })
            await KnownAsync(silo, model, silo == 0 ? 2 : 1);
        for (var id = 1UL; id <= 12; id++)
        {
            var start = await SequenceAsync((int)(id % 2), model, id, start: true);
            Assert.True(start.IsSuccess, start.Error?.Detail);
            foreach (var silo in new[] { 0, 1, third, 0 })
            {
                var next = await SequenceAsync(silo, model, id);
                Assert.True(next.IsSuccess, next.Error?.Detail);
            }

            Assert.True((await SequenceAsync(third, model, id, end: true)).IsSuccess);
            var ended = await SequenceAsync(0, model, id);
            Assert.Equal(400, ended.Error!.Status);
            Assert.Contains("must specify the START flag", ended.Error.Detail, StringComparison.Ordinal);
        }
    }

    [SkippableFact]
    public async Task A_sequence_on_another_silo_is_answered_by_the_version_it_was_begun_on_and_says_so()
    {
        Skip.If(EngineInfo.Silos == 1, "one silo");
        var model = await ModelAsync("""{"version_policy":{"all":{}},"sequence_batching":{"max_sequence_idle_microseconds":600000000}}""");
        Assert.Equal(1, (await SequenceAsync(0, model, 1, start: true)).Value.Version);
        Assert.True((await _loop.Control.RegisterAsync(new RegisterVersion(model, Models.Add(10)), default)).IsSuccess);
        Assert.True((await _loop.Get<IModelRepositoryService>(1).LoadAsync(model, RepositoryLoad.Plain, default)).IsSuccess);
        await CatchUpAsync(model, 1);
        await Eventually.IsAsync(() => Task.FromResult(_loop.Get<ReplicaDirectory>(0).IsElsewhere(new ModelVersionId(model, 2)) ? null : "Silo 0 does not know version 2 yet."));
        var next = await SequenceAsync(0, model, 1);
        Assert.Equal((2f, 1), (Value(next), next.Value.Version));
        var fresh = await SequenceAsync(0, model, 2, start: true);
        Assert.Equal((11f, 2), (Value(fresh), fresh.Value.Version));
    }

    private async Task<int> AddServingSiloAsync()
    {
        await _loop.Cluster.StartAdditionalSiloAsync();
        return _loop.Cluster.Silos.Count - 1;
    }

    private async Task<string> ModelAsync(string? config, int last = 1)
    {
        var model = "r" + Guid.NewGuid().ToString("n")[..12];
        var registered = await _loop.Control.RegisterAsync(new RegisterVersion(model, Models.Add(1)), default);
        Assert.True(registered.IsSuccess, registered.Error?.Detail);
        Assert.True(registered.Value.Version.State != VersionState.Failed, registered.Value.Version.Reason);
        if (config is not null)
        {
            var loaded = await _loop.Get<IModelRepositoryService>(1).LoadAsync(model, RepositoryLoad.Plain with { Config = config }, default);
            Assert.True(loaded.IsSuccess, loaded.Error?.Detail);
        }

        await CatchUpAsync(model, last);
        await KnownAsync(0, model, last);
        return model;
    }

    private async Task CatchUpAsync(string model, int last)
    {
        var revision = (await _loop.Control.GetModelAsync(model, default)).Value.PlanRevision;
        for (var silo = 0; silo <= last; silo++)
            await _loop.Get<PlanCache>(silo).CatchUpAsync(model, revision, default);
    }

    private Task KnownAsync(int silo, string model, int replicas) => Eventually.IsAsync(() =>
        Task.FromResult(_loop.Get<ReplicaDirectory>(silo).Of(new ModelVersionId(model, 1)).Length >= replicas ? null : $"Silo {silo} does not know {replicas} replicas yet: " + string.Join(" | ", Enumerable.Range(0, _loop.Cluster.Silos.Count).Select(i => _loop.Get<ReplicaDirectory>(i).ToString() + " has " + string.Join(",", _loop.Get<ReplicaHost>(i).Lives)))));

    private int LoadOf(int silo, string model) => _loop.Get<ReplicaHost>(silo).LoadOf(new ModelVersionId(model, 1));

    private Task<OmlResult<InferResult>> InferAsync(int silo, string model, float x) =>
        Task.Run(() => _loop.Get<IInferenceService>(silo).InferAsync(new InferRequest(model, null, [Floats(x)], []), default));

    private Task<OmlResult<InferResult>> SequenceAsync(int silo, string model, ulong id, bool start = false, bool end = false) =>
        _loop.Get<IInferenceService>(silo).InferAsync(
            new InferRequest(model, null, [Floats(1)], []) { Parameters = new InferParameters { Sequence = new SequenceId(id, null), SequenceStart = start, SequenceEnd = end } }, default);

    private static Tensor Floats(params float[] values) => new("x", TensorType.Fp32, new long[] { values.Length, 1 }, MemoryMarshal.AsBytes<float>(values).ToArray());

    private static float Value(OmlResult<InferResult> answer)
    {
        Assert.True(answer.IsSuccess, answer.Error?.Detail);
        return MemoryMarshal.Read<float>(answer.Value.Outputs[0].Data.Span);
    }
}

/// <summary>A reference to a silo that is gone.</summary>
[Collection(LoopCollection.Name)]
public sealed class StrayReplicaTests(LoopFixture loop)
{
    [Fact]
    public async Task A_replica_that_is_called_by_a_stale_reference_refuses_to_come_back()
    {
        var model = "s" + Guid.NewGuid().ToString("n")[..12];
        Assert.True((await loop.Control.RegisterAsync(new RegisterVersion(model, Models.Add(1)), default)).IsSuccess);
        var stale = loop.Get<IGrainFactory>().GetGrain<IReplicaGrain>("127.0.0.1:9@9");
        var id = new ModelVersionId(model, 1);
        Assert.False(await stale.OpenAsync());
        var reply = await stale.InferAsync(new ReplicaRequest { Version = id, Inputs = [], Outputs = [], IsShadowed = false, MayLoad = true }, default);
        Assert.Equal((503, ReplicaErrors.NotHere), (reply.Error!.Status, reply.Error.Code));
        Assert.Equal(ReplicaErrors.NotHere, (await stale.ScoreAsync(new ReplicaVectors(id, []), default)).Error!.Code);
        Assert.Contains("is gone", (await stale.ProveAsync((await loop.Control.GetModelAsync(model, default)).Value.Versions[0].Manifest, null)).Refusal, StringComparison.Ordinal);
        Assert.True(await loop.Get<IGrainFactory>().GetGrain<IReplicaGrain>(loop.Get<ReplicaDirectory>().Self).OpenAsync());
    }
}

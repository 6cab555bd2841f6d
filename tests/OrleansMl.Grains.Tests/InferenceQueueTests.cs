using System.Runtime.InteropServices;
using OrleansMl.Inference;
using OrleansMl.Services;
using OrleansMl.Serving;

namespace OrleansMl.Grains.Tests;

/// <summary>The queue and the batches before a version, as its configuration says.</summary>
[Collection(LoopCollection.Name)]
public sealed class InferenceQueueTests(LoopFixture loop)
{
    private IModelRepositoryService Repository => loop.Get<IModelRepositoryService>();

    [Fact]
    public async Task Requests_that_come_together_are_one_run_and_each_gets_its_own_rows()
    {
        var model = await ModelAsync("""{"max_batch_size":4,"dynamic_batching":{"preferred_batch_size":[4],"max_queue_delay_microseconds":30000000}}""");
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => InferAsync(model, i)));
        Assert.Equal([1f, 2f, 3f, 4f], answers.Select(Value));
        var counted = (await loop.Inference.ReadStatisticsAsync(model, 1, default))!.Runs;
        Assert.Equal((4L, 1L, 4), (counted.InferenceCount, counted.ExecutionCount, Assert.Single(counted.Batches).BatchSize));
        Assert.Equal(4, counted.Success.Count);
    }

    [Fact]
    public async Task A_queue_that_is_full_and_a_wait_that_is_over_are_503_with_the_reason()
    {
        var model = await ModelAsync("""{"max_batch_size":4,"dynamic_batching":{"max_queue_delay_microseconds":30000000,"default_queue_policy":{"max_queue_size":1,"default_timeout_microseconds":3000000}}}""");
        // One waits on each silo: what its own cannot take is offered to the others.
        await Eventually.IsAsync(() => Task.FromResult(loop.Get<ReplicaDirectory>().Of(new ModelVersionId(model, 1)).Length == EngineInfo.Silos - 1 ? null : "The silos do not know of each other yet."));
        var errors = (await Task.WhenAll(Enumerable.Range(0, EngineInfo.Silos + 1).Select(i => InferAsync(model, i)))).Select(a => (a.Error!.Status, a.Error.Code)).Order();
        Assert.Equal([(503, "queue_full"), .. Enumerable.Repeat((503, "queue_timeout"), EngineInfo.Silos)], errors);
        var counted = (await loop.Inference.ReadStatisticsAsync(model, 1, default))!.Runs;
        Assert.Equal(0, counted.ExecutionCount);
        Assert.Equal(["queue_full", "queue_timeout"], counted.Rejected.Keys);
    }

    [Fact]
    public async Task A_latency_target_is_read_from_the_configuration_and_one_that_is_no_time_is_refused()
    {
        var model = await ModelAsync("""{"max_batch_size":4,"parameters":{"latency_target_milliseconds":{"string_value":"250.5"}}}""");
        Assert.Equal(1f, Value(await InferAsync(model, 0)));
        var config = (await loop.Inference.DescribeAsync(model, null, default)).Value.Config;
        Assert.Equal(TimeSpan.FromMilliseconds(250.5), BatchingSettings.Of(config).Adaptive!.LatencyTarget);
        var refused = await Repository.LoadAsync(model, RepositoryLoad.Plain with { Config = """{"parameters":{"latency_target_milliseconds":{"string_value":"soon"}}}""" }, default);
        Assert.Contains("latency_target_milliseconds", refused.Error!.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_next_version_is_warmed_with_what_was_asked_of_the_one_before()
    {
        var model = await ModelAsync(null);
        Assert.Equal(6f, Value(await InferAsync(model, 5)));
        var recorded = Enumerable.Range(0, loop.Cluster.Silos.Count).Select(silo => loop.Get<RecordedRequests>(silo).Of(model)).First(r => r is not null)!;
        Assert.Equal(5f, MemoryMarshal.Read<float>(Assert.Single(recorded).Data.Span));
    }

    [Fact]
    public async Task The_higher_priority_goes_first()
    {
        var model = await ModelAsync("""{"max_batch_size":1,"dynamic_batching":{"priority_levels":2,"default_priority_level":2}}""");
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => InferAsync(model, i, priority: (ulong)((i % 2) + 1))));
        Assert.Equal(Enumerable.Range(0, 20).Select(i => i + 1f), answers.Select(Value));
        // Where one silo has a queue, another may have run some.
        var runs = await Task.WhenAll(Enumerable.Range(0, loop.Cluster.Silos.Count).Select(silo => loop.Get<IInferenceService>(silo).ReadStatisticsAsync(model, 1, default)));
        Assert.Equal(20, runs.Sum(r => r?.Runs.ExecutionCount ?? 0));
    }

    [Fact]
    public async Task Without_a_configuration_a_request_of_any_size_is_answered()
    {
        var model = await ModelAsync(null);
        var rows = 1_000;
        var input = new Tensor("x", TensorType.Fp32, new long[] { rows, 1 }, MemoryMarshal.AsBytes<float>(Enumerable.Range(0, rows).Select(i => (float)i).ToArray()).ToArray());
        var answer = await loop.Inference.InferAsync(new InferRequest(model, null, [input], []), default);
        Assert.Equal(Enumerable.Range(1, rows).Select(i => (float)i), MemoryMarshal.Cast<byte, float>(answer.Value.Outputs[0].Data.Span).ToArray());
    }

    [Fact]
    public async Task With_a_configuration_more_rows_than_a_batch_are_refused_by_name()
    {
        var model = await ModelAsync("""{"max_batch_size":4}""");
        var input = new Tensor("x", TensorType.Fp32, new long[] { 5, 1 }, new byte[20]);
        var answer = await loop.Inference.InferAsync(new InferRequest(model, null, [input], []), default);
        Assert.Equal(400, answer.Error!.Status);
        Assert.Contains("<= 4", answer.Error.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_configuration_that_cannot_be_is_refused_and_the_one_before_stays()
    {
        var model = await ModelAsync("""{"max_batch_size":4}""");
        var refused = await Repository.LoadAsync(model, RepositoryLoad.Plain with { Config = """{"max_batch_size":4,"dynamic_batching":{"preferred_batch_size":[9]}}""" }, default);
        Assert.Equal(400, refused.Error!.Status);
        Assert.Contains("PreferredRows has 9", refused.Error.Detail, StringComparison.Ordinal);
        Assert.Equal(1f, Value(await InferAsync(model, 0)));
    }

    [Fact]
    public async Task A_configuration_that_changes_under_load_fails_no_request()
    {
        var model = await ModelAsync(null);
        using var stop = new CancellationTokenSource();
        var callers = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            var served = 0;
            for (; !stop.IsCancellationRequested; served++)
                Assert.Equal(served + 1f, Value(await InferAsync(model, served)));
            return served;
        })).ToArray();
        for (var i = 0; i < 20; i++)
        {
            var config = $$$"""{"max_batch_size":{{{8 + (i % 3)}}},"dynamic_batching":{"max_queue_delay_microseconds":{{{i % 2 * 100}}}}}""";
            Assert.True((await Repository.LoadAsync(model, RepositoryLoad.Plain with { Config = config }, default)).IsSuccess);
        }

        await stop.CancelAsync();
        Assert.All(await Task.WhenAll(callers), served => Assert.InRange(served, 1, int.MaxValue));
    }

    [Fact]
    public async Task Statistics_go_on_over_another_configuration_and_over_an_unload()
    {
        var model = await ModelAsync(null);
        Assert.Equal(1f, Value(await InferAsync(model, 0)));
        Assert.True((await Repository.LoadAsync(model, RepositoryLoad.Plain with { Config = """{"max_batch_size":4,"dynamic_batching":{}}""" }, default)).IsSuccess);
        Assert.Equal(1f, Value(await InferAsync(model, 0)));
        Assert.Equal((2L, 2L), await CountsAsync());
        Assert.True((await Repository.UnloadAsync(model, false, default)).IsSuccess);
        Assert.True((await Repository.LoadAsync(model, RepositoryLoad.Plain, default)).IsSuccess);
        Assert.Equal((2L, 2L), await CountsAsync());
        Assert.Equal(1f, Value(await InferAsync(model, 0)));
        Assert.Equal((3L, 3L), await CountsAsync());

        // A silo runs what comes to it, unless it is just loading the version.
        async Task<(long, long)> CountsAsync()
        {
            var runs = await Task.WhenAll(Enumerable.Range(0, loop.Cluster.Silos.Count).Select(silo => loop.Get<IInferenceService>(silo).ReadStatisticsAsync(model, 1, default)));
            return (runs.Sum(r => r?.Runs.Success.Count ?? 0), runs.Sum(r => r?.Runs.InferenceCount ?? 0));
        }
    }

    [Theory]
    [InlineData("""{"max_batch_size":4,"dynamic_batching":{"priority_levels":"4000000000"}}""", "PriorityLevels is 2147483647; write 1 to 1024")]
    [InlineData("""{"instance_group":[{"name":"g","count":-5}]}""", "instance_group 'g' has count: -5; write 1 to 1024")]
    [InlineData("""{"version_policy":{"specific":{"versions":[-1]}}}""", "version_policy.specific has the version -1; write numbers from 1 on")]
    public async Task A_configuration_of_sizes_that_no_server_has_is_refused_with_the_limit(string config, string word)
    {
        var model = await ModelAsync(null);
        var refused = await Repository.LoadAsync(model, RepositoryLoad.Plain with { Config = config }, default);
        Assert.Equal(400, refused.Error?.Status);
        Assert.Contains(word, refused.Error!.Detail, StringComparison.Ordinal);
        Assert.Equal(1f, Value(await InferAsync(model, 0)));
    }

    private async Task<string> ModelAsync(string? config)
    {
        var model = "m" + Guid.NewGuid().ToString("n")[..12];
        Assert.True((await loop.Control.RegisterAsync(new RegisterVersion(model, Models.Add(1)), default)).IsSuccess);
        if (config is not null)
        {
            var loaded = await Repository.LoadAsync(model, RepositoryLoad.Plain with { Config = config }, default);
            Assert.True(loaded.IsSuccess, loaded.Error?.Detail);
            await loop.Get<PlanCache>().CatchUpAsync(model, (await loop.Control.GetModelAsync(model, default)).Value.PlanRevision, default);
        }

        return model;
    }

    private Task<OmlResult<InferResult>> InferAsync(string model, float x, ulong priority = 0)
    {
        var input = new Tensor("x", TensorType.Fp32, new long[] { 1, 1 }, MemoryMarshal.AsBytes<float>(new[] { x }).ToArray());
        return Task.Run(() => loop.Inference.InferAsync(new InferRequest(model, null, [input], []) { Parameters = new InferParameters { Priority = priority } }, default));
    }

    private static float Value(OmlResult<InferResult> answer)
    {
        Assert.True(answer.IsSuccess, answer.Error?.Detail);
        return MemoryMarshal.Read<float>(answer.Value.Outputs[0].Data.Span);
    }
}

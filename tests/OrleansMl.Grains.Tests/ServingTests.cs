using System.Runtime.InteropServices;
using Google.Protobuf;
using OrleansMl.Inference;
using OrleansMl.Inference.Onnx;
using OrleansMl.Services;
using OrleansMl.Serving;

namespace OrleansMl.Grains.Tests;

[Collection(LoopCollection.Name)]
public sealed class ServingTests(LoopFixture loop)
{
    [Fact]
    public async Task Equal_bytes_give_the_same_version_and_other_bytes_the_next()
    {
        var model = Fresh();
        var first = (await RegisterAsync(model, 1)).Value;
        var again = (await RegisterAsync(model, 1)).Value;
        var other = (await RegisterAsync(model, 2)).Value;
        Assert.Equal((true, 1), (first.Created, first.Version.Manifest.Version));
        Assert.Equal((false, 1, first.Version.Manifest.Digest), (again.Created, again.Version.Manifest.Version, again.Version.Manifest.Digest));
        Assert.Equal((true, 2), (other.Created, other.Version.Manifest.Version));
        Assert.NotEqual(first.Version.Manifest.Digest, other.Version.Manifest.Digest);
        Assert.Equal(64, first.Version.Manifest.Digest.Length);
    }

    [Fact]
    public async Task The_first_version_serves_at_once_and_the_second_when_it_is_named()
    {
        var model = Fresh();
        await RegisterAsync(model, 1);
        await RegisterAsync(model, 2);
        Assert.Equal((1, 4f), await InferAsync(model, null, 3));
        var notServed = await loop.Inference.InferAsync(new InferRequest(model, "2", [Input(3)], []), default);
        Assert.Equal(404, notServed.Error!.Status);
        var moved = (await loop.Control.SetAliasAsync(model, new AliasChange("champion", 2, null, null, "test"), default)).Value;
        Assert.Equal((2, null), (moved.Version, moved.Previous));
        Assert.Equal((2, 5f), await InferAsync(model, null, 3));
        Assert.Equal((1, 4f), await InferAsync(model, "1", 3));
        Assert.Equal((2, 5f), await InferAsync(model, "champion", 3));
    }

    [Fact]
    public async Task An_alias_moves_only_from_where_the_caller_saw_it()
    {
        var model = Fresh();
        await RegisterAsync(model, 1);
        await RegisterAsync(model, 2);
        Assert.True((await loop.Control.SetAliasAsync(model, new AliasChange("champion", 1, null, null, "test"), default)).IsSuccess);
        var stale = await loop.Control.SetAliasAsync(model, new AliasChange("champion", 2, null, null, "test"), default);
        Assert.Equal((409, "conflict", "1"), (stale.Error!.Status, stale.Error.Code, stale.Error.Current));
        var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => loop.Control.SetAliasAsync(model, new AliasChange("champion", 2, 1, null, "test"), default)));
        Assert.Single(results, r => r.IsSuccess);
    }

    [Fact]
    public async Task Versions_in_use_are_not_deleted_and_numbers_never_come_back()
    {
        var model = Fresh();
        await RegisterAsync(model, 1);
        await RegisterAsync(model, 2);
        await loop.Control.SetAliasAsync(model, new AliasChange("champion", 1, null, null, "test"), default);
        Assert.Equal("in_use", (await loop.Control.DeleteVersionAsync(model, 1, default)).Error!.Code);
        Assert.Equal("in_use", (await loop.Control.UnloadAsync(model, 1, default)).Error!.Code);
        Assert.True((await loop.Control.DeleteVersionAsync(model, 2, default)).IsSuccess);
        Assert.Equal("unknown_version", (await loop.Control.GetVersionAsync(model, 2, default)).Error!.Code);
        Assert.Equal(3, (await RegisterAsync(model, 7)).Value.Version.Manifest.Version);
    }

    [Fact]
    public async Task Bytes_that_are_no_model_are_refused_with_the_reason()
    {
        var model = Fresh();
        var rubbish = await loop.Control.RegisterAsync(new RegisterVersion(model, "not a model"u8.ToArray()), default);
        Assert.Equal((400, "not_onnx"), (rubbish.Error!.Status, rubbish.Error.Code));
        var external = Models.Graph(1);
        external.Graph.Initializer[0].DataLocation = TensorProto.Types.DataLocation.External;
        var outside = await loop.Control.RegisterAsync(new RegisterVersion(model, external.ToByteArray()), default);
        Assert.Equal((400, "external_data"), (outside.Error!.Status, outside.Error.Code));
        Assert.Equal("unknown_model", (await loop.Control.GetModelAsync(model, default)).Error!.Code);
    }

    [Fact]
    public async Task Wrong_inputs_name_the_input_and_the_remedy()
    {
        var model = Fresh();
        await RegisterAsync(model, 1);
        var wrong = await loop.Inference.InferAsync(new InferRequest(model, null, [new Tensor("y", TensorType.Fp32, new long[] { 1 }, new byte[4])], []), default);
        Assert.Equal(400, wrong.Error!.Status);
        Assert.Contains("x", wrong.Error.Detail, StringComparison.Ordinal);
        var unknown = await loop.Inference.InferAsync(new InferRequest("nothing", null, [Input(1)], []), default);
        Assert.Equal(404, unknown.Error!.Status);
        Assert.Contains("Request for unknown model", unknown.Error.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_request_fails_while_versions_swap_a_hundred_times_under_load()
    {
        var model = Fresh();
        await RegisterAsync(model, 1);
        await RegisterAsync(model, 2);
        Assert.True((await loop.Control.SetAliasAsync(model, new AliasChange("champion", 1, null, null, "test"), default)).IsSuccess);
        using var stop = new CancellationTokenSource();
        var started = new CountdownEvent(4);
        long served = 0;
        var callers = Enumerable.Range(0, 4).Select(caller => Task.Run(async () =>
        {
            // Callers of every silo: each follows the plan by itself.
            var inference = loop.Get<IInferenceService>(caller % loop.Cluster.Silos.Count);
            started.Signal();
            while (!stop.IsCancellationRequested)
            {
                var result = await inference.InferAsync(new InferRequest(model, null, [Input(10)], []), default);
                Assert.True(result.IsSuccess, result.Error?.Detail);
                var value = MemoryMarshal.Read<float>(result.Value.Outputs[0].Data.Span);

                // The answer is of the version that it names, never of a mixture.
                Assert.Equal(10f + result.Value.Version, value);
                Interlocked.Increment(ref served);
            }
        })).ToArray();
        started.Wait();

        var swaps = 0;
        for (var i = 0; i < 100; i++)
        {
            var (from, to) = i % 2 == 0 ? (1, 2) : (2, 1);
            var moved = await loop.Control.SetAliasAsync(model, new AliasChange("champion", to, from, null, "test"), default);
            Assert.True(moved.IsSuccess, moved.Error?.Detail);

            // Every other round the old one is unloaded for real, and loaded again by the next swap.
            if (i % 2 == 1)
                Assert.True((await loop.Control.UnloadAsync(model, from, default)).IsSuccess);
            swaps++;
        }

        await stop.CancelAsync();
        await Task.WhenAll(callers);
        Assert.Equal(100, swaps);
        Assert.True(Interlocked.Read(ref served) > 100, $"{served} served");
    }

    [Fact]
    public async Task A_registered_file_with_a_declared_model_scores_vectors_by_column_name()
    {
        var toy = new Toy(loop);
        await toy.ApplyAsync(toy.YamlOfFile());
        var unserved = await loop.Predictions.PredictAsync(new PredictRequest { Model = toy.Name, Entity = toy.Entity() }, default);
        Assert.Equal((503, "not_ready"), (unserved.Error!.Status, unserved.Error.Code));

        var registered = await loop.Control.RegisterAsync(new RegisterVersion(toy.Name, Models.Graph(0.25f, "z").ToByteArray()), default);
        Assert.True(registered.IsSuccess, registered.Error?.Detail);
        await loop.Get<PlanCache>().CatchUpAsync(toy.Name, 1, default);
        Assert.Equal(0.75, (await toy.PredictAsync(z: 0.5)).Score!.Value, 6);
    }

    [Fact]
    public async Task A_version_that_no_plan_names_does_not_stay_in_memory()
    {
        var model = Fresh();
        await RegisterAsync(model, 1);
        await RegisterAsync(model, 2);
        Assert.Equal("conflict", (await loop.Control.SetAliasAsync(model, new AliasChange("champion", 2, 7, null, "test"), default)).Error!.Code);
        Assert.Contains(2, Loaded());
        Assert.True((await loop.Control.SetAliasAsync(model, new AliasChange("champion", 1, null, null, "test"), default)).IsSuccess);
        for (var i = 0; i < 500 && Loaded().Contains(2); i++)
            await Task.Delay(10);
        Assert.DoesNotContain(2, Loaded());
        Assert.Equal((1, 4f), await InferAsync(model, null, 3));

        int[] Loaded() => [.. Enumerable.Range(0, loop.Cluster.Silos.Count).SelectMany(silo => loop.Get<ReplicaHost>(silo).VersionsOf(model))];
    }

    [Fact]
    public async Task Versions_that_people_load_stay_loaded_however_many()
    {
        var model = Fresh();
        for (var version = 1; version <= 10; version++)
        {
            await RegisterAsync(model, version);
            Assert.Equal(VersionState.Available, (await loop.Control.LoadAsync(model, version, default)).Value.State);
        }

        Assert.Equal((1, 4f), await InferAsync(model, "1", 3));
    }

    [Fact]
    public async Task A_made_up_model_cannot_be_loaded()
    {
        Assert.Equal((404, "unknown_model"), await loop.Control.LoadAsync(Fresh(), 1, default) is { Error: { } error } ? (error.Status, error.Code) : default);
    }

    [Fact]
    public async Task An_alias_is_not_seen_before_it_is_stored()
    {
        var model = Fresh();
        await RegisterAsync(model, 1);
        var (reached, released) = (new TaskCompletionSource(), new TaskCompletionSource());
        loop.BeforeStateWrite = async grain =>
        {
            if (grain != $"oml.model/{model}")
                return;
            reached.TrySetResult();
            await released.Task;
            throw new IOException("The disk is away.");
        };
        try
        {
            var grain = loop.Grains.GetGrain<IModelGrain>(model);
            var moving = grain.SetAliasAsync(new AliasChange("champion", 1, null, null, "test"));
            await reached.Task;
            Assert.Empty((await grain.GetAsync()).Value.Aliases);
            Assert.Empty(await grain.GetPromotionsAsync());
            released.SetResult();
            await Assert.ThrowsAnyAsync<Exception>(() => moving);
            Assert.Empty((await grain.GetAsync()).Value.Aliases);
        }
        finally
        {
            loop.BeforeStateWrite = null;
            released.TrySetResult();
        }
    }

    private static string Fresh() => "m" + Guid.NewGuid().ToString("n")[..12];

    private Task<OmlResult<RegisterResult>> RegisterAsync(string model, float add) =>
        loop.Control.RegisterAsync(new RegisterVersion(model, Models.Graph(add).ToByteArray()), default);

    private async Task<(int Version, float Value)> InferAsync(string model, string? version, float x)
    {
        var result = await loop.Inference.InferAsync(new InferRequest(model, version, [Input(x)], []), default);
        Assert.True(result.IsSuccess, result.Error?.Detail);
        return (result.Value.Version, MemoryMarshal.Read<float>(result.Value.Outputs[0].Data.Span));
    }

    private static Tensor Input(float x) => new("x", TensorType.Fp32, new long[] { 1, 1 }, MemoryMarshal.AsBytes<float>(new[] { x }).ToArray());
}

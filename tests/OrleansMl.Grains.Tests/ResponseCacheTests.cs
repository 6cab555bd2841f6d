using System.Runtime.InteropServices;
using System.Text;
using OrleansMl.Inference;
using OrleansMl.Services;
using OrleansMl.Serving;

namespace OrleansMl.Grains.Tests;

[Collection(LoopCollection.Name)]
public sealed class ResponseCacheTests(LoopFixture loop)
{
    private static readonly VersionManifest Manifest = new() { Model = "m", Version = 1, Digest = "d", ArtifactSha256 = "" };

    [Fact]
    public void An_answer_comes_again_until_its_time_is_over()
    {
        var clock = new ManualTime();
        var cache = new ResponseCache(10_000, clock);
        var key = ResponseKey.Of(Manifest, [Numbers("x", 1)], []);
        Assert.Null(cache.Find(key, "m", 1));
        cache.Keep(key, [Numbers("y", 2)], TimeSpan.FromSeconds(10));
        clock.Advance(9_900);
        Assert.Equal(2f, MemoryMarshal.Read<float>(cache.Find(key, "m", 1)![0].Data.Span));
        clock.Advance(100);
        Assert.Null(cache.Find(key, "m", 1));
        Assert.Equal(0, cache.Bytes);
        Assert.Equal((1L, 2L), (cache.StatisticsOf("m", 1).Hits.Count, cache.StatisticsOf("m", 1).Misses.Count));
    }

    [Fact]
    public void What_was_used_last_stays_within_the_bytes()
    {
        var cache = new ResponseCache(3_500, new ManualTime());
        ResponseKey[] keys = [.. Enumerable.Range(0, 4).Select(i => ResponseKey.Of(Manifest, [Numbers("x", i)], []))];
        var kilobyte = new Tensor("y", TensorType.UInt8, new long[] { 700 }, new byte[700]);
        foreach (var key in keys.Take(3))
            cache.Keep(key, [kilobyte], TimeSpan.FromHours(1));
        Assert.NotNull(cache.Find(keys[0], "m", 1));
        cache.Keep(keys[3], [kilobyte], TimeSpan.FromHours(1));
        Assert.Equal([true, false, true, true], keys.Select(k => cache.Find(k, "m", 1) is not null));
        Assert.InRange(cache.Bytes, 3_000, 3_500);
        cache.Keep(keys[1], [new Tensor("y", TensorType.UInt8, new long[] { 9_000 }, new byte[9_000])], TimeSpan.FromHours(1));
        Assert.Null(cache.Find(keys[1], "m", 1));
    }

    [Fact]
    public void Requests_that_differ_in_anything_have_keys_of_their_own()
    {
        ResponseKey[] keys =
        [
            ResponseKey.Of(Manifest, [Numbers("x", 1)], []),
            ResponseKey.Of(Manifest, [Numbers("x", 2)], []),
            ResponseKey.Of(Manifest, [Numbers("z", 1)], []),
            ResponseKey.Of(Manifest, [Numbers("x", 1)], ["y"]),
            ResponseKey.Of(Manifest with { Version = 2 }, [Numbers("x", 1)], []),
            ResponseKey.Of(Manifest with { Digest = "e" }, [Numbers("x", 1)], []),
            ResponseKey.Of(Manifest, [new Tensor("x", TensorType.Fp32, new long[] { 1 }, Numbers("x", 1).Data)], []),
            ResponseKey.Of(Manifest, [new Tensor("x", TensorType.Int32, new long[] { 1, 1 }, Numbers("x", 1).Data)], []),
            ResponseKey.Of(Manifest, [Texts("ab", "c")], []),
            ResponseKey.Of(Manifest, [Texts("a", "bc")], []),
        ];
        Assert.Equal(keys.Length, keys.Distinct().Count());
        Assert.Equal(ResponseKey.Of(Manifest, [Numbers("a", 1), Numbers("b", 2)], []), ResponseKey.Of(Manifest, [Numbers("b", 2), Numbers("a", 1)], []));
    }

    [Fact]
    public async Task A_model_with_a_cache_runs_once_for_equal_requests_and_answers_all_of_them()
    {
        var model = "m" + Guid.NewGuid().ToString("n")[..12];
        Assert.True((await loop.Control.RegisterAsync(new RegisterVersion(model, Models.Add(1)), default)).IsSuccess);
        var repository = loop.Get<IModelRepositoryService>();
        Assert.True((await repository.LoadAsync(model, RepositoryLoad.Plain with { Config = """{"max_batch_size":8,"response_cache":{"enable":true}}""" }, default)).IsSuccess);
        await loop.Get<PlanCache>().CatchUpAsync(model, (await loop.Control.GetModelAsync(model, default)).Value.PlanRevision, default);
        for (var i = 0; i < 30; i++)
        {
            var answer = await loop.Inference.InferAsync(new InferRequest(model, null, [Numbers("x", i % 3)], []), default);
            Assert.Equal((i % 3) + 1f, MemoryMarshal.Read<float>(answer.Value.Outputs[0].Data.Span));
        }

        var counted = (await loop.Inference.ReadStatisticsAsync(model, 1, default))!;
        Assert.Equal((3L, 27L, 3L), (counted.Runs.ExecutionCount, counted.Cache.Hits.Count, counted.Cache.Misses.Count));
    }

    [Theory]
    [InlineData("""{"max_batch_size":8,"response_cache":{"enable":true},"parameters":{"response_cache_ttl_seconds":{"string_value":"soon"}}}""", "'soon'")]
    [InlineData("""{"max_batch_size":8,"response_cache":{"enable":true},"sequence_batching":{}}""", "sequence_batching")]
    public async Task A_cache_that_cannot_be_is_refused_by_name(string config, string words)
    {
        var model = "m" + Guid.NewGuid().ToString("n")[..12];
        Assert.True((await loop.Control.RegisterAsync(new RegisterVersion(model, Models.Add(1)), default)).IsSuccess);
        var refused = await loop.Get<IModelRepositoryService>().LoadAsync(model, RepositoryLoad.Plain with { Config = config }, default);
        Assert.Equal(400, refused.Error!.Status);
        Assert.Contains(words, refused.Error.Detail, StringComparison.Ordinal);
    }

    private static Tensor Numbers(string name, float value) => new(name, TensorType.Fp32, new long[] { 1, 1 }, MemoryMarshal.AsBytes<float>(new[] { value }).ToArray());

    private static Tensor Texts(params string[] texts) => new("t", new long[] { texts.Length }, texts.Select(t => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(t)).ToArray());
}

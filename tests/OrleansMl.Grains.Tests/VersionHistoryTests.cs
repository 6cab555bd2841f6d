using System.Runtime.InteropServices;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansMl.Inference;
using OrleansMl.Serving;

namespace OrleansMl.Grains.Tests;

/// <summary>What is counted of a version outlasts its time in memory.</summary>
public sealed class VersionHistoryTests
{
    [Fact]
    public async Task A_version_that_was_evicted_goes_on_counting_where_it_stood()
    {
        var artifacts = new GatedArtifacts();
        var manifest = artifacts.Add("m", 1, 1);
        var id = new ModelVersionId("m", 1);
        var host = new ReplicaHost(new VersionLoader(artifacts), new ServingOptions(), new ManualTime(), NullLogger<ReplicaHost>.Instance) { MeasuresMemory = false };
        Assert.Null(host.PastStatisticsOf(id));
        await RunAsync(host, manifest, null);
        await host.EvictAsync(id);
        Assert.Equal((1L, 1L), (host.PastStatisticsOf(id)!.Success.Count, host.PastStatisticsOf(id)!.InferenceCount));
        Assert.Equal(2, (await RunAsync(host, manifest, null)).Success.Count);
        Assert.Equal(3, (await RunAsync(host, manifest, """{"max_batch_size":4,"dynamic_batching":{}}""")).Success.Count);
        await host.UnloadAsync(id);
        Assert.Equal(4, (await RunAsync(host, manifest, null)).ExecutionCount);
    }

    [Fact]
    public void Counts_are_kept_of_what_is_in_memory_and_of_those_that_left_last()
    {
        // true: it is loaded; false: it leaves, if it is loaded.
        var moves = (from version in Gen.Choose(1, 6) from isLoad in Gen.Elements(true, false) select (version, isLoad)).ListOf();
        Prop.ForAll(moves.ToArbitrary(), list =>
        {
            const int Kept = 2;
            var history = new VersionHistory(null, Kept);
            var loads = new Dictionary<int, int>();
            var left = new List<int>();
            foreach (var (version, isLoad) in list)
            {
                if (isLoad)
                {
                    var known = history.TryGet(new ModelVersionId("m", version), out _);
                    Assert.Equal(loads.GetValueOrDefault(version) > 0 || left.Contains(version), known);
                    history.Enter(new VersionManifest { Model = "m", Version = version, ArtifactSha256 = "" });
                    loads[version] = loads.GetValueOrDefault(version) + 1;
                    left.Remove(version);
                }
                else if (loads.GetValueOrDefault(version) > 0)
                {
                    history.Leave(new ModelVersionId("m", version));
                    if (--loads[version] == 0)
                        left.Add(version);
                    if (left.Count > Kept)
                        left.RemoveAt(0);
                }
            }

            foreach (var version in Enumerable.Range(1, 6))
                Assert.Equal(loads.GetValueOrDefault(version) > 0 || left.Contains(version), history.TryGet(new ModelVersionId("m", version), out _));
        }).QuickCheckThrowOnFailure();
    }

    private static async Task<BatchingStatistics> RunAsync(ReplicaHost host, VersionManifest manifest, string? configuration)
    {
        var load = await host.GetAsync(manifest, configuration);
        await host.PrepareAsync(manifest, configuration);
        Assert.True(load.Handle!.TryAcquire(out var lease), load.Reason);
        using (lease)
        {
            var config = ServedConfig.Of(manifest, configuration);
            var input = new Tensor("x", TensorType.Fp32, new long[] { 1, 1 }, MemoryMarshal.AsBytes<float>([1f]).ToArray());
            Assert.True((await lease.Model.BatcherOf(config).RunAsync([input])).TryGet(out _, out _));
            return lease.Model.StatisticsFor(config);
        }
    }
}

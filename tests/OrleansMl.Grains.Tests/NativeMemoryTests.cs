using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansMl.Serving;
using Xunit.Abstractions;

namespace OrleansMl.Grains.Tests;

[Collection(QuietCollection.Name)]
public sealed class NativeMemoryTests(ITestOutputHelper output)
{
    // 16 MiB of weights: were one load in a hundred kept, 32 MiB would be left of two hundred.
    private const int Width = 2048;
    private const int Rounds = 200;
    private const long Tolerance = 24 << 20;

    [SkippableFact]
    public async Task Memory_returns_after_two_hundred_loads_and_unloads()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Resident memory is read as Linux counts it.");
        var artifacts = new GatedArtifacts();
        var manifest = artifacts.Add("m", 1, Models.Dense(Width));
        var host = new ReplicaHost(new VersionLoader(artifacts), new ServingOptions(), TimeProvider.System, NullLogger<ReplicaHost>.Instance);

        // What is made once (threads, pools, compiled code) is not the models'.
        for (var i = 0; i < 20; i++)
            await LoadAndUnloadAsync(host, manifest);
        var before = Resident();
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < Rounds; i++)
            await LoadAndUnloadAsync(host, manifest);
        var (after, perRound) = (Resident(), clock.Elapsed.TotalMilliseconds / Rounds);

        await host.LoadAsync(manifest);
        var loaded = Resident();
        await host.UnloadAllAsync();
        output.WriteLine($"Resident before {before >> 10} KiB, after {Rounds} loads and unloads {after >> 10} KiB, while loaded {loaded >> 10} KiB; {perRound:f1} ms a round.");
        Assert.True(after - before < Tolerance, $"Resident memory grew from {before >> 10} KiB to {after >> 10} KiB over {Rounds} loads and unloads.");
        Assert.True(loaded - after > 8 << 20, $"The measure does not see a loaded model: {after >> 10} KiB without, {loaded >> 10} KiB with it.");
    }

    private static async Task LoadAndUnloadAsync(ReplicaHost host, VersionManifest manifest)
    {
        Assert.Null(await host.LoadAsync(manifest));
        await host.UnloadAsync(new ModelVersionId(manifest.Model, manifest.Version));
    }

    private static long Resident()
    {
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        return Environment.WorkingSet;
    }
}

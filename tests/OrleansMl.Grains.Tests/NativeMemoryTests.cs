using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansMl.Serving;
using Xunit.Abstractions;

namespace OrleansMl.Grains.Tests;

[Collection(QuietCollection.Name)]
public sealed class NativeMemoryTests(ITestOutputHelper output)
{
    // 16 MiB of weights: were one load in fifty kept, 32 MiB more would be left of the second hundred.
    private const int Width = 2048;
    private const int Windows = 8;
    private const int Rounds = 25;
    private const long Tolerance = 24 << 20;

    [SkippableFact]
    public async Task Memory_returns_after_two_hundred_loads_and_unloads()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Resident memory is read as Linux counts it.");
        Skip.If(Environment.GetEnvironmentVariable("OML_MEMORY_TEST") is null, "Resident memory is the whole process's, and other tests move it: run this one alone, with OML_MEMORY_TEST=1.");
        var artifacts = new GatedArtifacts();
        var manifest = artifacts.Add("m", 1, Models.Dense(Width));
        var host = new ReplicaHost(new VersionLoader(artifacts), new ServingOptions(), TimeProvider.System, NullLogger<ReplicaHost>.Instance);

        // What is made once (threads, pools, compiled code) is not the models'.
        for (var i = 0; i < 20; i++)
            await LoadAndUnloadAsync(host, manifest);
        var resident = new long[Windows + 1];
        resident[0] = Resident();
        var clock = Stopwatch.StartNew();
        for (var window = 1; window <= Windows; window++)
        {
            for (var i = 0; i < Rounds; i++)
                await LoadAndUnloadAsync(host, manifest);
            resident[window] = Resident();
        }

        var perRound = clock.Elapsed.TotalMilliseconds / (Windows * Rounds);

        // Single readings jump by what the collector has not given back yet; their floor is what stays. What is left beyond it in the
        // second half is a leak.
        var half = 1 + (Windows / 2);
        var growth = resident[half..].Min() - resident[1..half].Min();

        await host.LoadAsync(manifest);
        var loaded = Resident();
        await host.UnloadAllAsync();
        var figures = $"Resident by windows of {Rounds} loads and unloads: {string.Join(", ", resident.Select(r => r >> 10))} KiB; while loaded {loaded >> 10} KiB; {perRound:f1} ms a round.";
        output.WriteLine(figures);
        Assert.True(growth < Tolerance, $"Resident memory grows with loads and unloads. {figures}");
        Assert.True(loaded - resident.Min() > 8 << 20, $"The measure does not see a loaded model. {figures}");
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

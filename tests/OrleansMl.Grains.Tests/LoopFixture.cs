using Microsoft.Extensions.DependencyInjection;
using Orleans.Hosting;
using Orleans.Storage;
using Orleans.TestingHost;
using OrleansMl.Services;
using OrleansMl.Serving;
using OrleansMl.Storage;
using OrleansMl.Storage.Embedded;
using OrleansMl.Storage.GrainState;

namespace OrleansMl.Grains.Tests;

/// <summary>
/// A cluster (two silos on Orleans, one on the stand-in) over one embedded store in a folder of its own. Can be stopped
/// and started again over the same folder.
/// </summary>
public sealed class LoopFixture : IAsyncLifetime
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), "oml-grains-" + Guid.NewGuid().ToString("n"));
    private InProcessTestCluster? _cluster;

    public FakeClock Clock { get; } = new(new DateTime(2026, 1, 5, 12, 0, 0, DateTimeKind.Utc));

    public EmbeddedStore Store { get; private set; } = null!;

    /// <summary>How the silos load and keep versions; null: by default.</summary>
    public Action<ServingOptions>? Serving { get; init; }

    /// <summary>The same for the silo of a number, from 0; null: as the others.</summary>
    public Action<int, ServingOptions>? ServingOf { get; init; }

    /// <summary>More services of the silos, put in before those of the product; null: none.</summary>
    public Action<IServiceCollection>? Services { get; set; }

    /// <summary>Changes the silos' services once those of the product are in; null: nothing does.</summary>
    public Action<IServiceCollection>? Replacing { get; init; }

    /// <summary>What the silos take for the prediction log.</summary>
    public FaultyPredictionLog PredictionLog { get; private set; } = null!;

    /// <summary>What the silos take for the log of entities.</summary>
    public FaultyEntityLog EntityLog { get; private set; } = null!;

    /// <summary>What the silos take for the stream log.</summary>
    public FaultyStreamLog StreamLog { get; private set; } = null!;

    /// <summary>Runs before each write of a grain's state, with the grain's id; null: nothing does.</summary>
    public Func<string, Task>? BeforeStateWrite { get; set; }

    public InProcessTestCluster Cluster => _cluster!;

    public IGrainFactory Grains => Cluster.Client;

    public IIngestService Ingest => Get<IIngestService>();

    public IPredictionService Predictions => Get<IPredictionService>();

    public IControlService Control => Get<IControlService>();

    public IInferenceService Inference => Get<IInferenceService>();

    /// <summary>A service of a silo.</summary>
    public T Get<T>(int silo = 0)
        where T : notnull => Cluster.GetSiloServiceProvider(Cluster.Silos[silo].SiloAddress).GetRequiredService<T>();

    public async Task InitializeAsync()
    {
        Store = await EmbeddedStore.OpenAsync(new EmbeddedStoreOptions { DataFolder = _folder, Durability = StoreDurability.Process }, TimeProvider.System);
        PredictionLog = new FaultyPredictionLog(Store.Predictions);
        EntityLog = new FaultyEntityLog(Store.EntityLog);
        StreamLog = new FaultyStreamLog(Store.Streams);
        var builder = TestClusters.Builder();
        builder.ConfigureSilo((specific, silo) =>
        {
            silo.Services.AddKeyedSingleton<TimeProvider>(OmlNames.Clock, Clock);
            silo.AddReminders();
            silo.AddEmbeddedStore(Store);
            silo.Services.AddSingleton<IPredictionLog>(PredictionLog);
            silo.Services.AddSingleton<IEntityLog>(EntityLog);
            silo.Services.AddSingleton<IStreamLog>(StreamLog);
            silo.Services.AddKeyedSingleton<IGrainStorage>(OmlNames.Storage, (_, _) => new FaultyGrainStorage(
                new EmbeddedGrainStorage(Store, new JsonGrainStateSerializer()), grain => BeforeStateWrite?.Invoke(grain) ?? Task.CompletedTask));
            Services?.Invoke(silo.Services);
            if (Serving is { } serving)
                silo.Services.Configure(serving);
            if (ServingOf is { } of)
                silo.Services.Configure<ServingOptions>(o => of(int.Parse(specific.SiloName.AsSpan(specific.SiloName.LastIndexOf('_') + 1), System.Globalization.CultureInfo.InvariantCulture), o));
            silo.AddOrleansMl();
            Replacing?.Invoke(silo.Services);
        });
        _cluster = builder.Build();
        await _cluster.DeployAsync();
    }

    public async Task DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Waits until the model's trainer has learned what the log holds, as far as it can learn it now.</summary>
    public async Task DrainAsync(string model)
    {
        while ((await Grains.GetGrain<ITrainerGrain>(model).CatchUpAsync()).IsBehind)
        {
        }
    }

    /// <summary>Stops all silos and the store, and starts them over the same folder.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        await InitializeAsync();
    }

    private async Task StopAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.StopAllSilosAsync();
            await _cluster.DisposeAsync();
            _cluster = null;
        }

        await Store.DisposeAsync();
    }
}

using OrleansMl.Monitoring;
using OrleansMl.Services;
using OrleansMl.Storage;

namespace OrleansMl.Grains.Tests.Monitoring;

/// <summary>A declared model with monitors in a cluster, whose predictions a test puts into the log itself.</summary>
internal sealed class WatchedModel(LoopFixture loop)
{
    private int _next;

    public string Name { get; } = "m" + Guid.NewGuid().ToString("n")[..12];

    public IMonitorGrain Grain => loop.Grains.GetGrain<IMonitorGrain>(Name);

    public async Task ApplyAsync(string monitors, int columns = 1)
    {
        var applied = await loop.Control.ApplyAsync(new ApplyRequest(Watched.Yaml(Name, columns, monitors)), default);
        Assert.True(applied.IsSuccess, applied.Error?.Detail + string.Join("; ", applied.Error?.Faults.Select(f => f.Detail) ?? []));
        for (var silo = 0; silo < loop.Cluster.Silos.Count; silo++)
            await loop.Get<Catalog.CatalogCache>(silo).CatchUpAsync(applied.Value.CatalogRevision);

        // From here on its monitors count.
        await DrainAsync();
    }

    /// <summary>Logs predictions with these scores, and their labels if there are any.</summary>
    public async Task PredictAsync(IEnumerable<double> scores, Func<int, double>? label = null)
    {
        foreach (var chunk in scores.Chunk(2_000))
        {
            var first = _next;
            var records = chunk.Select(score => Watched.Prediction(Name, ++_next, [score], "a", score)).ToList();
            foreach (var record in records)
                await loop.Store.Predictions.AppendAsync(record);
            if (label is null)
                continue;
            await loop.Store.Predictions.CommitAsync([],
            [
                .. records.Select((record, i) => new OutcomeChange
                {
                    PredictionId = record.PredictionId,
                    ExpectedState = PredictionState.Predicted,
                    ExpectedRevision = 0,
                    State = PredictionState.Labelled,
                    Label = label(first + i),
                    LabelledAt = record.Time,
                }),
            ]);
        }
    }

    public async Task DrainAsync()
    {
        while (await Grain.CatchUpAsync())
        {
        }
    }

    /// <summary>Oldest first.</summary>
    public async Task<List<Alarm>> AlarmsAsync()
    {
        await DrainAsync();
        var listed = await loop.Get<IMonitoringService>().ListAlarmsAsync(new AlarmFilter { Model = Name }, 1_000, default);
        return [.. listed.Value.Items.Reverse()];
    }

    public async Task<MonitorStatus> StatusAsync(string monitor = "m")
    {
        await DrainAsync();
        return (await Grain.GetAsync()).Value.Single(status => status.Name == monitor);
    }
}

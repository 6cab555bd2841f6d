using System.Globalization;
using Orleans;
using OrleansMl.Storage;
using OrleansMl.Storage.Embedded;
using OrleansMl.Storage.GrainState;
using OrleansMl.Storage.KillTarget;

// Arguments: data folder, round, durability. Writes until it is killed. A line on standard output is an acknowledgment:
//   E entity lastSequence | P predictionId | L predictionId | G counter count | S stream sequence | Q queue position
var round = int.Parse(args[1], CultureInfo.InvariantCulture);
using var store = EmbeddedStore.Open(new EmbeddedStoreOptions
{
    DataFolder = args[0],
    // Small, so that kills come while records of entity logs move.
    LogBufferBytes = round % 3 == 0 ? 32 << 20 : 4_000,
    Durability = Enum.Parse<StoreDurability>(args[2]),
    StreamQueues = Workload.Queues,
    StreamRetention = TimeSpan.Zero,
});
var grains = new EmbeddedGrainStorage(store, new JsonGrainStateSerializer());
var output = new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true };

await Task.WhenAll(
[
    .. Enumerable.Range(0, Workload.Entities).Select(entity => Task.Run(() => AppendEvents(entity))),
    .. Enumerable.Range(0, Workload.Joiners).Select(joiner => Task.Run(() => JoinOutcomes(joiner))),
    .. Enumerable.Range(0, Workload.Counters).Select(counter => Task.Run(() => Count(counter))),
    .. Enumerable.Range(0, Workload.Streams).Select(stream => Task.Run(() => Produce(stream))),
    .. Enumerable.Range(0, Workload.Queues).Select(queue => Task.Run(() => Consume(queue))),
]);

async Task AppendEvents(int entity)
{
    var last = await store.EntityLog.GetLastSequenceAsync(Workload.EntityKey(entity));
    while (true)
    {
        var outcomes = await store.EntityLog.AppendAsync(Workload.EntityKey(entity), last, Workload.Records(entity, last + 1), DateTime.UtcNow);
        if (outcomes.Any(o => o.Status != LogAppendStatus.Appended))
            throw new InvalidOperationException($"Entity {entity} after {last}: {string.Join(", ", outcomes)}");
        last = outcomes[^1].Sequence;
        Acknowledge($"E {entity} {last}");
    }
}

async Task JoinOutcomes(int joiner)
{
    for (var number = 0; ; number++)
    {
        var prediction = Workload.Prediction(round, joiner, number);
        await store.Predictions.AppendAsync(prediction);
        Acknowledge($"P {prediction.PredictionId}");
        await store.Predictions.CommitAsync([Workload.Outcome(prediction)], [Workload.Label(prediction, joiner)]);
        Acknowledge($"L {prediction.PredictionId}");
    }
}

async Task Count(int counter)
{
    var state = new GrainState<Workload.CounterState>();
    await grains.ReadStateAsync("count", Workload.CounterGrain(counter), state);
    while (true)
    {
        state.State!.Count++;
        await grains.WriteStateAsync("count", Workload.CounterGrain(counter), state);
        Acknowledge($"G {counter} {state.State.Count}");
    }
}

async Task Produce(int stream)
{
    var last = (await store.Streams.GetStreamAsync(Workload.Flow, Workload.StreamKey(stream))).LastSequence;
    while (true)
    {
        last++;
        await store.Streams.AppendAsync([new StreamAppend(Workload.Flow, Workload.StreamKey(stream), Workload.Payload(stream, last))]);
        Acknowledge($"S {stream} {last}");
    }
}

async Task Consume(int queue)
{
    var next = Math.Max(0, (await store.Streams.GetQueueAsync(queue)).Position);
    for (var reads = 1; ; reads++)
    {
        var items = await store.Streams.ReadAsync(queue, next, 16, TimeSpan.FromSeconds(1));
        if (items.Count == 0)
            continue;
        next = items[^1].Offset + 1;
        await store.Streams.StorePositionAsync(queue, next);
        Acknowledge($"Q {queue} {next}");
        if (reads % 4 == 0)
            await store.Streams.TrimAsync();
    }
}

void Acknowledge(string line)
{
    lock (output)
        output.Write(line + "\n");
}

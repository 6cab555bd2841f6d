namespace OrleansMl.Inference.Tests.Batching;

/// <summary>A batcher over a scripted model and a clock that moves when told.</summary>
internal sealed class BatcherScenario : IAsyncDisposable
{
    /// <param name="options">How to batch.</param>
    /// <param name="model">Null: a new one.</param>
    /// <param name="othersWait">Whether something waits for a thread; null: nothing ever does.</param>
    public BatcherScenario(BatchingOptions options, ScriptedModel? model = null, Func<bool>? othersWait = null)
    {
        Model = model ?? new ScriptedModel();
        Batcher = new Batcher((IBatchModel)Model, options, Time, othersWait: othersWait ?? (static () => false));
    }

    public ManualTime Time { get; } = new();

    public ScriptedModel Model { get; }

    public Batcher Batcher { get; }

    /// <summary>A request of one value a row.</summary>
    public static Tensor Rows(params long[] values) => Vectors.Of("in", TensorType.Int64, [values.Length, 1], values);

    /// <summary>A request of one row of several values.</summary>
    public static Tensor Wide(params long[] values) => Vectors.Of("in", TensorType.Int64, [1, values.Length], values);

    public Task<BatchAnswer> Send(Tensor input, int priority = 0, TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        Batcher.RunAsync([input], null, priority, timeout, cancellationToken).AsTask();

    /// <summary>Occupies every session with a run that is held. Their requests are of the values −1, −2, ….</summary>
    public async Task<Task<BatchAnswer>> OccupyAsync()
    {
        Model.Hold();
        var busy = Enumerable.Range(1, Batcher.Options.Instances).Select(i => OnThread(() => Send(Rows(-i)))).ToArray();
        foreach (var _ in busy)
            await Model.BeginsAsync();
        return Task.WhenAll(busy).ContinueWith(t => t.Result[0], TaskScheduler.Default);
    }

    /// <summary>On a thread of its own, since a held run keeps it.</summary>
    public static Task<BatchAnswer> OnThread(Func<Task<BatchAnswer>> send) =>
        Task.Factory.StartNew(send, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();

    public async ValueTask DisposeAsync()
    {
        Model.LetGo();
        await Batcher.DisposeAsync();
    }
}

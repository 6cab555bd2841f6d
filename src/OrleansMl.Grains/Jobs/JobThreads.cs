using System.Collections.Concurrent;
using OrleansMl.Training;

namespace OrleansMl.Jobs;

/// <summary>
/// Threads that nothing but jobs use: parsing and converting gigabytes takes cores for minutes, which neither grain turns nor
/// requests may wait for. What a job awaits comes back to these threads, which give way to all others of the silo.
/// </summary>
internal sealed class JobThreads : TaskScheduler, IDisposable
{
    private const int Nice = 10;

    [ThreadStatic]
    private static JobThreads? t_owner;

    private readonly BlockingCollection<Task> _tasks = [];

    public JobThreads(int threads)
    {
        MaximumConcurrencyLevel = threads;
        for (var i = 0; i < threads; i++)
            new Thread(Work) { IsBackground = true, Name = $"oml-job-{i}" }.Start();
    }

    public override int MaximumConcurrencyLevel { get; }

    /// <summary>Starts work whose awaits come back here.</summary>
    public Task<T> RunAsync<T>(Func<Task<T>> work) => Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.DenyChildAttach, this).Unwrap();

    /// <summary>The threads end once nothing is queued.</summary>
    public void Dispose() => _tasks.CompleteAdding();

    protected override void QueueTask(Task task)
    {
        // A job that outlives the silo's patience comes back to threads that are gone: the pool's finish it.
        if (!_tasks.IsAddingCompleted)
        {
            try
            {
                _tasks.Add(task);
                return;
            }
            catch (InvalidOperationException)
            {
            }
        }

        ThreadPool.UnsafeQueueUserWorkItem(static state => state.Scheduler.TryExecuteTask(state.Task), (Scheduler: this, Task: task), preferLocal: false);
    }

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => !taskWasPreviouslyQueued && t_owner == this && TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks() => [.. _tasks];

    private void Work()
    {
        t_owner = this;
        ThreadNice.Lower(Nice);
        foreach (var task in _tasks.GetConsumingEnumerable())
            TryExecuteTask(task);
    }
}

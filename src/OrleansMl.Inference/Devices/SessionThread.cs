using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace OrleansMl.Inference;

/// <summary>
/// Runs one thing after the other on a thread of its own. The CUDA provider keeps captured graphs for each thread that runs the
/// session, and one stream for all: from many threads a graph would be captured by each of them, and runs would meet.
/// </summary>
internal sealed class SessionThread : IDisposable
{
    private readonly BlockingCollection<Work> _queue = [];
    private readonly Thread _thread;

    public SessionThread(string name)
    {
        _thread = new Thread(Loop) { IsBackground = true, Name = name };
        _thread.Start();
    }

    /// <summary>Waits for its turn and for the result.</summary>
    /// <exception cref="Exception">What <paramref name="run"/> throws.</exception>
    public T Run<T>(Func<T> run)
    {
        using var work = new Work<T>(run);
        _queue.Add(work);
        return work.Wait();
    }

    /// <summary>Ends the thread; only when nothing runs.</summary>
    public void Dispose()
    {
        _queue.CompleteAdding();
        _thread.Join();
        _queue.Dispose();
    }

    private void Loop()
    {
        foreach (var work in _queue.GetConsumingEnumerable())
            work.Do();
    }

    private abstract class Work
    {
        public abstract void Do();
    }

    private sealed class Work<T>(Func<T> run) : Work, IDisposable
    {
        private readonly ManualResetEventSlim _done = new();
        private T _result = default!;
        private ExceptionDispatchInfo? _failure;

        public override void Do()
        {
            try
            {
                _result = run();
            }
            catch (Exception exception)
            {
                // It is the caller's.
                _failure = ExceptionDispatchInfo.Capture(exception);
            }

            _done.Set();
        }

        public T Wait()
        {
            _done.Wait();
            _failure?.Throw();
            return _result;
        }

        public void Dispose() => _done.Dispose();
    }
}

using Orleans.Serialization;

namespace Orleans.Runtime;

/// <summary>
/// Items of a grain, pulled in batches: each pull is a turn of the activation, and takes what is there without waiting, up to
/// the batch size.
/// </summary>
internal sealed class GrainEnumerable<T>(MethodShape<T> shape, object?[] arguments, GrainReference target) : IAsyncEnumerable<T>
{
    public const int DefaultBatchSize = 100;

    public int BatchSize { get; set; } = DefaultBatchSize;

    public IAsyncEnumerator<T> GetAsyncEnumerator(CancellationToken cancellationToken = default) =>
        new Enumerator(shape, arguments, target, BatchSize, cancellationToken);

    private sealed class Enumerator(MethodShape<T> shape, object?[] arguments, GrainReference target, int batchSize, CancellationToken token) : IAsyncEnumerator<T>
    {
        private readonly CancellationTokenSource _calleeCancellation = new();
        private readonly Queue<T> _batch = new();
        private readonly Dictionary<string, object>? _context = RequestContext.Export();
        private Activation? _activation;
        private IAsyncEnumerator<T>? _source;
        private CancellationTokenRegistration _registration;
        private bool _finished;

        public T Current { get; private set; } = default!;

        public async ValueTask<bool> MoveNextAsync()
        {
            token.ThrowIfCancellationRequested();
            if (_batch.Count == 0 && !_finished)
            {
                if (_activation is null)
                    _registration = token.UnsafeRegister(static state => ((Enumerator)state!).Cancel(), this);
                await RunAsync(FillAsync, starts: _activation is null).WaitAsync(token);
            }

            if (!_batch.TryDequeue(out var item))
                return false;
            Current = item;
            return true;
        }

        public async ValueTask DisposeAsync()
        {
            _registration.Dispose();
            _finished = true;
            if (_source is null || _activation is null)
                return;
            Cancel();
            try
            {
                await RunAsync(DisposeSourceAsync, starts: false);
            }
            catch (EnumerationAbortedException)
            {
                // The activation is gone, and its enumerator with it.
            }
        }

        private Task RunAsync(Func<Activation, ValueTask> step, bool starts)
        {
            var turn = new EnumerationTurn(this, step, starts);
            if (starts)
                target.Caller.Deliver(target.GrainId, turn);
            else if (!_activation!.Receive(turn))
                turn.Reject(Aborted());
            return turn.Done;
        }

        private async ValueTask FillAsync(Activation activation)
        {
            if (_source is null)
            {
                _activation = activation;
                for (var i = 0; i < arguments.Length; i++)
                {
                    if (i == shape.CancellationIndex)
                        arguments[i] = _calleeCancellation.Token;
                }

                _source = shape.Enumerate(activation.TargetOf(shape.Interface, activation.GrainInstance!), arguments).GetAsyncEnumerator(_calleeCancellation.Token);
                activation.Owns(_source);
            }

            var next = _source.MoveNextAsync();
            while (true)
            {
                if (!await next)
                {
                    _finished = true;
                    await DisposeSourceAsync(activation);
                    return;
                }

                _batch.Enqueue(Copy(_source.Current));
                if (_batch.Count >= batchSize)
                    return;
                next = _source.MoveNextAsync();
                if (!next.IsCompleted)
                {
                    // What is there now is delivered now; the item under way is the next pull's first.
                    _source = new Resumed(_source, next.AsTask());
                    activation.Owns(_source);
                    return;
                }
            }
        }

        private async ValueTask DisposeSourceAsync(Activation activation)
        {
            if (_source is not { } source)
                return;
            _source = null;
            activation.Disowns(source);
            await source.DisposeAsync();
        }

        private T Copy(T item)
        {
            if (!shape.CopiesResult)
                return item;
            var context = CopyContext.Rent();
            try
            {
                return Copier<T>.Copy(item, context);
            }
            finally
            {
                context.Return();
            }
        }

        private void Cancel()
        {
            if (_activation is { } activation)
                activation.RunOnScheduler(static state => ((CancellationTokenSource)state!).Cancel(), _calleeCancellation);
        }

        private EnumerationAbortedException Aborted() =>
            new($"Enumeration aborted: grain '{target.GrainId}' was deactivated, its {shape.Method.Name} cannot go on. Start it again.");

        private sealed class EnumerationTurn(Enumerator owner, Func<Activation, ValueTask> step, bool starts) : Turn
        {
            private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

            public Task Done => _done.Task;

            public override bool AlwaysInterleave => true;

            public override bool ReadOnly => false;

            public override bool IsLocalOnly => !starts;

            public override async ValueTask RunAsync(Activation activation)
            {
                try
                {
                    RequestContext.Import(owner._context);
                    await step(activation);
                    _done.TrySetResult();
                }
                catch (Exception error)
                {
                    _done.TrySetException(error);
                }
            }

            public override void Reject(Exception cause) => _done.TrySetException(IsLocalOnly ? owner.Aborted() : cause);
        }
    }

    /// <summary>An enumerator whose next step is under way already.</summary>
    private sealed class Resumed(IAsyncEnumerator<T> inner, Task<bool> first) : IAsyncEnumerator<T>
    {
        private Task<bool>? _first = first;

        public T Current => inner.Current;

        public ValueTask<bool> MoveNextAsync()
        {
            if (_first is not { } pending)
                return inner.MoveNextAsync();
            _first = null;
            return new ValueTask<bool>(pending);
        }

        public async ValueTask DisposeAsync()
        {
            if (_first is { } pending)
                await ((Task)pending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            await inner.DisposeAsync();
        }
    }
}

/// <summary>Options of enumerations over calls.</summary>
public static class AsyncEnumerableExtensions
{
    /// <summary>How many items one pull may bring; first in the chain.</summary>
    public static IAsyncEnumerable<T> WithBatchSize<T>(this IAsyncEnumerable<T> self, int maxBatchSize)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxBatchSize);
        if (self is GrainEnumerable<T> items)
            items.BatchSize = maxBatchSize;
        return self;
    }
}

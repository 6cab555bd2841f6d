using System.Runtime.ExceptionServices;
using Orleans.Core;
using Orleans.Storage;

namespace Orleans.Runtime;

/// <summary>
/// A state over a store. Operations run one after the other; a write asked for while another one waits to start is that
/// one.
/// </summary>
internal sealed class StoredState<TState>(string name, IGrainContext context, IGrainStorage store) : IPersistentState<TState>
{
    private readonly Lock _gate = new();
    private GrainState<TState>? _state;
    private Operation? _tail;
    private bool _loaded;

    private enum Kind
    {
        Read,
        Write,
        Clear,
    }

    public TState State
    {
        get
        {
            RuntimeContext.Require(context, $"State '{name}'");
            return _state is { } state ? state.State! : default!;
        }

        set
        {
            RuntimeContext.Require(context, $"State '{name}'");
            Stored.State = value;
        }
    }

    public string? Etag => _state?.ETag;

    public bool RecordExists => _loaded ? Stored.RecordExists : throw new InvalidOperationException("State has not yet been loaded");

    internal bool RecordKnown => _loaded;

    private GrainState<TState> Stored => _state ??= new GrainState<TState>(StateActivator<TState>.Create());

    public Task ReadStateAsync() => QueueAsync(Kind.Read, default);

    public Task WriteStateAsync() => QueueAsync(Kind.Write, default);

    public Task ClearStateAsync() => QueueAsync(Kind.Clear, default);

    Task IStorage.ReadStateAsync(CancellationToken cancellationToken) => QueueAsync(Kind.Read, cancellationToken);

    Task IStorage.WriteStateAsync(CancellationToken cancellationToken) => QueueAsync(Kind.Write, cancellationToken);

    Task IStorage.ClearStateAsync(CancellationToken cancellationToken) => QueueAsync(Kind.Clear, cancellationToken);

    private Task QueueAsync(Kind kind, CancellationToken token)
    {
        RuntimeContext.Require(context, $"State '{name}'");
        lock (_gate)
        {
            if (kind != Kind.Read && !token.CanBeCanceled && _tail is { Started: false, Cancellable: false } waiting && waiting.Kind == kind)
                return waiting.Done;
            var operation = new Operation(kind, token.CanBeCanceled);
            operation.Done = RunAsync(operation, _tail, token);
            _tail = operation;
            return operation.Done;
        }
    }

    private async Task RunAsync(Operation operation, Operation? before, CancellationToken token)
    {
        // Start in a section of its own, so that what the caller does right after asking is still part of what is written.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding | ConfigureAwaitOptions.ContinueOnCapturedContext);
        try
        {
            if (before is not null)
                await before.Done.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            lock (_gate)
                operation.Started = true;
            var succeeded = before is { Done.IsCompletedSuccessfully: true };
            switch (operation.Kind)
            {
                case Kind.Write:
                    await GuardAsync("WriteStateAsync", () => store.WriteStateAsync(name, context.GrainId, Stored, token), token);
                    break;
                case Kind.Clear when !(succeeded && before!.Kind == Kind.Clear):
                    await GuardAsync("ClearStateAsync", () => store.ClearStateAsync(name, context.GrainId, Stored, token), token);
                    break;
                case Kind.Read:
                    if (!succeeded)
                        await GuardAsync("ReadStateAsync", () => store.ReadStateAsync(name, context.GrainId, Stored, token), token);
                    _loaded = true;
                    break;
            }
        }
        finally
        {
            lock (_gate)
            {
                if (ReferenceEquals(_tail, operation))
                    _tail = null;
            }
        }
    }

    /// <summary>Errors of the store keep their type when it says something; others name the grain and the store.</summary>
    private async Task GuardAsync(string operation, Func<Task> run, CancellationToken token)
    {
        try
        {
            await run();
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception error)
        {
            var message = $"Error from storage provider {store.GetType().Name}.{name} during {operation} for grain {context.GrainId}: {error.Message}";
            if (error is OrleansException)
                ExceptionDispatchInfo.Throw(error);
            throw new OrleansException(message, error);
        }
    }

    private sealed class Operation(Kind kind, bool cancellable)
    {
        public Kind Kind { get; } = kind;

        public bool Cancellable { get; } = cancellable;

        public bool Started { get; set; }

        public Task Done { get; set; } = Task.CompletedTask;
    }
}

/// <summary>Makes empty states: by the constructor without parameters, else without any constructor.</summary>
internal static class StateActivator<T>
{
    private static readonly Func<T> Make = Build();

    public static T Create() => Make();

    private static Func<T> Build()
    {
        var type = typeof(T);
        if (type.IsValueType)
            return static () => default!;
        if (type.GetConstructor(System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.NonPublic, Type.EmptyTypes) is not null)
            return static () => (T)Activator.CreateInstance(typeof(T), nonPublic: true)!;
        if (type == typeof(string) || type.IsArray || type.IsAbstract)
            return static () => default!;
        return static () => (T)System.Runtime.CompilerServices.RuntimeHelpers.GetUninitializedObject(typeof(T));
    }
}

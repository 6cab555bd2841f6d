using System.Collections.Immutable;

namespace OrleansMl.Inference;

/// <summary>
/// A model in one session or several, on one device or several. The sessions can be replaced by others of the same model while
/// runs go on: those that have begun end where they are. Thread-safe; <see cref="Dispose"/> only when no run is in flight.
/// </summary>
public sealed class ModelSessions : IBatchModel, IDisposable
{
    private readonly Lock _gate = new();
    private volatile State _state;

    private ModelSessions(SessionSet set)
    {
        _state = new State(new ModelHandle<SessionSet>(set), set);
        // The same on every device: it is the file's.
        Signature = set.Models.First().Signature;
    }

    public ModelSignature Signature { get; }

    /// <summary>Where its sessions run.</summary>
    public ImmutableArray<SessionPlace> Places => _state.Set.Places;

    /// <summary>Opens the sessions, one after the other.</summary>
    /// <param name="bytes">The model.</param>
    /// <param name="groups">One session each; at least one.</param>
    /// <exception cref="ModelLoadException">One cannot be opened; none stays open.</exception>
    public static ModelSessions Open(ReadOnlyMemory<byte> bytes, params IReadOnlyList<SessionGroup> groups) => new(SessionSet.Open(bytes, groups));

    /// <summary>Opens other sessions of the same model and gives up those that were: each when its last run has ended.</summary>
    /// <exception cref="ModelLoadException">One cannot be opened; those that were stay.</exception>
    public void Replace(ReadOnlyMemory<byte> bytes, IReadOnlyList<SessionGroup> groups)
    {
        var set = SessionSet.Open(bytes, groups);
        lock (_gate)
        {
            var before = _state;
            _state = new State(new ModelHandle<SessionSet>(set), set);
            before.Handle.Retire();
        }
    }

    /// <summary>Runs the model in the session that is least busy.</summary>
    /// <inheritdoc cref="OnnxModel.Run"/>
    public IReadOnlyList<Tensor> Run(IReadOnlyList<Tensor> inputs, IReadOnlyList<string>? outputs = null)
    {
        var state = Enter();
        var model = state.Set.Rent(out var place);
        try
        {
            return model.Run(inputs, outputs);
        }
        finally
        {
            Leave(state, place);
        }
    }

    IReadOnlyList<Tensor> IBatchModel.Run(IReadOnlyList<Tensor> inputs, IReadOnlyList<string> outputs, TimeProvider time, out RunPhases phases)
    {
        var state = Enter();
        var model = state.Set.Rent(out var place);
        try
        {
            return ((IBatchModel)model).Run(inputs, outputs, time, out phases);
        }
        finally
        {
            Leave(state, place);
        }
    }

    /// <summary>Runs each batch size once in every session: see <see cref="WarmUp.Run"/>. One step a size, with the time of all.</summary>
    public ImmutableArray<WarmUpStep> Warm(IReadOnlyCollection<int> batchSizes, TimeProvider time, IReadOnlyList<Tensor>? recorded = null)
    {
        var state = Enter();
        try
        {
            var runs = state.Set.Models.Select(m => WarmUp.Run(m, batchSizes, time, recorded)).ToArray();
            return [.. runs[0].Select((_, i) => runs.Select(r => r[i]).Aggregate((a, b) => a with { Duration = a.Duration + b.Duration, Failure = a.Failure ?? b.Failure }))];
        }
        finally
        {
            state.Handle.Release();
        }
    }

    public void Dispose()
    {
        lock (_gate)
            _state.Handle.Retire();
    }

    private State Enter()
    {
        while (true)
        {
            var state = _state;
            if (state.Handle.TryEnter(out _))
                return state;
            // Retired between the two lines, unless there is no other: then it is disposed.
            ObjectDisposedException.ThrowIf(ReferenceEquals(state, _state), this);
        }
    }

    private static void Leave(State state, int place)
    {
        state.Set.Return(place);
        state.Handle.Release();
    }

    private sealed record State(ModelHandle<SessionSet> Handle, SessionSet Set);
}

using OrleansMl.Inference;

namespace OrleansMl.Serving;

/// <summary>A sequence that is open in this process.</summary>
/// <param name="version">The version that it was begun on, and stays with: another one's state would mean something else.</param>
internal sealed class OpenSequence(int version)
{
    private readonly SemaphoreSlim _turn = new(1, 1);

    public int Version => version;

    /// <summary>When a request last came; a timestamp.</summary>
    public long LastUsed { get; set; }

    /// <summary>State by input name, as the last request left it; null: none has ended.</summary>
    public IReadOnlyList<Tensor>? State { get; set; }

    /// <summary>Waits until the requests before it have ended: each works on the state that the last one has left.</summary>
    public Task EnterAsync(CancellationToken cancellationToken) => _turn.WaitAsync(cancellationToken);

    public void Leave() => _turn.Release();
}

/// <summary>A request's place in its sequence.</summary>
/// <param name="Sequence">The sequence.</param>
/// <param name="Inputs">Those of the request with the control tensors.</param>
internal sealed record SequenceTurn(OpenSequence Sequence, IReadOnlyList<Tensor> Inputs);

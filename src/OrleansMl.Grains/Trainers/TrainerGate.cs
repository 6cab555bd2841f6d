namespace OrleansMl.Trainers;

/// <summary>
/// One holder at a time among the interleaving calls of an activation. Who may not wait, and can leave the work to another,
/// asks without waiting.
/// </summary>
internal sealed class TrainerGate
{
    private readonly SemaphoreSlim _free = new(1, 1);

    public async Task<Hold> EnterAsync(CancellationToken cancellationToken = default)
    {
        await _free.WaitAsync(cancellationToken);
        return new Hold(_free);
    }

    public bool TryEnter(out Hold hold)
    {
        hold = new Hold(_free);
        return _free.Wait(0);
    }

    /// <summary>Lets the next one in when disposed.</summary>
    public readonly struct Hold(SemaphoreSlim free) : IDisposable
    {
        public void Dispose() => free.Release();
    }
}

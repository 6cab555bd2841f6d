using Microsoft.Extensions.Hosting;

namespace OrleansMl;

/// <summary>Wakes whoever waits for the next change of a grain's published value. Used within one activation.</summary>
/// <param name="lifetime">
/// A silo that stops lets its waiting calls go at once: a deactivation waits for the running ones.
/// </param>
internal sealed class ChangeSignal(IHostApplicationLifetime lifetime)
{
    /// <summary>A long poll ends after this, so that it never runs into the response timeout (30 s).</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Raise()
    {
        var changed = _changed;
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        changed.TrySetResult();
    }

    /// <summary>Completes at the next change, after a while, or when the caller gives up.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        try
        {
            await _changed.Task.WaitAsync(Patience, either.Token);
        }
        catch (TimeoutException)
        {
        }
        catch (OperationCanceledException)
        {
        }
    }
}

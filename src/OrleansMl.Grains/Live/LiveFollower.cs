using Microsoft.Extensions.Logging;
using OrleansMl.Learning;

namespace OrleansMl.Live;

/// <summary>
/// Follows the trainer of one model by long poll and keeps this silo's copy of its learner. While the trainer cannot be asked
/// the copy stands; where it may differ from the learner it is dropped, and the champion answers until another is here.
/// </summary>
/// <param name="model">Name of the model.</param>
/// <param name="grains">Finds the trainer.</param>
/// <param name="instruments">Counts.</param>
/// <param name="verifyEvery">How often the copy's state is compared with the learner's.</param>
/// <param name="logger">For what is wrong.</param>
internal sealed partial class LiveFollower(string model, IGrainFactory grains, LearnerInstruments instruments, TimeSpan verifyEvery, ILogger logger)
{
    private readonly ITrainerGrain _trainer = grains.GetGrain<ITrainerGrain>(model);
    private volatile LiveView? _view;
    private string _reason = "first";
    private long _verified;

    /// <summary>The copy with what its answers stand on; null: there is none.</summary>
    public LiveView? View => _view;

    /// <summary>Follows until it is cancelled, and leaves nothing then.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        await Task.Yield();
        await LongPoll.FollowAsync(AskAsync, exception => LogRetry(logger, model, exception), stopping);
        Drop();
    }

    private async Task<bool> AskAsync(CancellationToken stopping)
    {
        var asked = new LiveQuery(_view?.Copy.Position ?? default, _view?.Base);
        var updates = await _trainer.WaitForLiveAsync(asked, stopping);
        await TakeAsync(updates, stopping);
        return updates.Position != asked.Position || updates.Base != asked.Base;
    }

    /// <summary>Takes what the trainer says.</summary>
    private async Task TakeAsync(LiveUpdates updates, CancellationToken stopping)
    {
        if (updates.Base is not { } @base)
        {
            Drop();
            _reason = "first";
            return;
        }

        if (updates.StateLength > 0)
        {
            if (await ReadAsync(updates, stopping) is not { } copy)
                return;
            _view = new LiveView(copy, @base);
            instruments.Resynced(model, _reason);
            instruments.Updated(model, 0, updates.Latest - updates.Position.Revision);
            _reason = "behind";
            return;
        }

        if (_view is not { } view)
            return;
        if (!TryApply(view.Copy, updates))
        {
            _reason = "diverged";
            LogDiverged(logger, model, view.Copy.Position.Revision);
            Drop();
            return;
        }

        _view = new LiveView(view.Copy, @base);
    }

    private bool TryApply(LiveCopy copy, LiveUpdates updates)
    {
        var rows = updates.Rows.Span;
        var count = rows.Length / copy.RowLength;
        try
        {
            for (var i = 0; i < count; i++)
            {
                if (!IsSame(copy, updates))
                    return false;
                copy.Take(rows.Slice(i * copy.RowLength, copy.RowLength));
            }
        }
        catch (Exception exception) when (exception is LearnerException or ArgumentException)
        {
            return false;
        }

        instruments.Updated(model, count, updates.Latest - updates.Position.Revision);
        return IsSame(copy, updates) && copy.Position.Revision == updates.Position.Revision;
    }

    /// <summary>False: the learner's state at this revision is another one. Now and then only, since a whole state is written for it.</summary>
    private bool IsSame(LiveCopy copy, LiveUpdates updates)
    {
        if (updates.Check.IsEmpty || copy.Position.Revision != updates.CheckRevision)
            return true;
        var now = Environment.TickCount64;
        if (now - _verified < verifyEvery.TotalMilliseconds)
            return true;
        _verified = now;
        return copy.Hash().AsSpan().SequenceEqual(updates.Check.Span);
    }

    /// <summary>Reads a whole state part by part; null: it went meanwhile.</summary>
    private async Task<LiveCopy?> ReadAsync(LiveUpdates updates, CancellationToken stopping)
    {
        var bytes = new byte[updates.StateLength];
        for (var offset = 0; offset < bytes.Length;)
        {
            stopping.ThrowIfCancellationRequested();
            var part = (await _trainer.ReadLiveStateAsync(updates.Position, offset)).Bytes;
            if (part.IsEmpty)
                return null;
            part.CopyTo(bytes.AsMemory(offset));
            offset += part.Length;
        }

        var (pipeline, learner) = LiveState.Read(bytes);
        return new LiveCopy(pipeline, learner, updates.Position);
    }

    private void Drop()
    {
        _view = null;
        instruments.Dropped(model);
    }

    [LoggerMessage(LogLevel.Warning, "Following the live learner of {Model} failed; its copy stands, and it is tried again.")]
    private static partial void LogRetry(ILogger logger, string model, Exception exception);

    [LoggerMessage(LogLevel.Error, "The copy of {Model}'s live learner is not what the learner was at revision {Revision}; it is dropped, and the champion answers until another one is here.")]
    private static partial void LogDiverged(ILogger logger, string model, long revision);
}

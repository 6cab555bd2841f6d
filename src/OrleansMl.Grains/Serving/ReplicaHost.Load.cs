using OrleansMl.Inference;
using OrleansMl.Protocol.Configuration;

namespace OrleansMl.Serving;

/// <content>One load: room is made, the version is opened and warmed, and what may pass is tried again.</content>
public sealed partial class ReplicaHost
{
    private async Task<ReplicaLoad> LoadCoreAsync(Replica replica, string? configuration)
    {
        try
        {
            if (await WhyNoRoomAsync(replica, ServedConfig.Of(replica.Manifest, configuration)) is { } noRoom)
                return Refuse(replica, LifeState.Unloaded, noRoom);
        }
        catch (ModelConfigException exception)
        {
            return Refuse(replica, LifeState.Failed, exception.Message);
        }

        for (var attempt = 1; ; attempt++)
        {
            var started = time.GetTimestamp();
            try
            {
                var version = await _pool.RunAsync(() => Open(replica, configuration));
                instruments?.CountLoad(replica.Id, "loaded");
                instruments?.LoadDuration.Record(time.GetElapsedTime(started).TotalSeconds, ServingInstruments.Tags(replica.Id));
                instruments?.LoadedBytes.Add(replica.Life.Bytes, ServingInstruments.Tags(replica.Id));
                CountGpus(replica.Id, NoGpus, replica.Life.GpuBytes);
                var handle = new ModelHandle<LoadedVersion>(version);
                _past.TryRemove(replica.Id, out _);
                replica.Open(handle);
                Changed?.Invoke();
                LogLoaded(logger, replica.Id.Model, replica.Id.Version, time.GetElapsedTime(started).TotalMilliseconds, replica.Life.Bytes);
                return new ReplicaLoad(handle, null);
            }
            catch (Exception exception) when (LoadRetry.MayPass(exception) && attempt < options.LoadAttempts)
            {
                var delay = LoadRetry.DelayAfter(attempt, options);
                instruments?.CountLoad(replica.Id, "retried");
                replica.To(LifeState.Queued, $"attempt {attempt} of {options.LoadAttempts} failed: {exception.Message}");
                LogRetry(logger, replica.Id.Model, replica.Id.Version, attempt, options.LoadAttempts, delay.TotalMilliseconds, exception.Message);
                await Task.Delay(delay, time);
            }
            catch (Exception exception)
            {
                instruments?.CountLoad(replica.Id, "failed");
                LogFailed(logger, replica.Id.Model, replica.Id.Version, exception.Message);
                return Refuse(replica, LifeState.Failed, exception.Message, LoadRetry.MayPass(exception));
            }
        }
    }

    private ReplicaLoad Refuse(Replica replica, LifeState state, string reason, bool mayPass = false)
    {
        replica.Take(0, NoGpus);
        replica.To(state, reason, mayPass);
        Remember(replica.Life);
        return new ReplicaLoad(null, reason);
    }

    private LoadedVersion Open(Replica replica, string? configuration)
    {
        replica.To(LifeState.Loading);
        var isAlone = _pool.Running == 1;
        var (before, free) = (Environment.WorkingSet, Gpus.Look(replica.Life.GpuBytes.Keys));
        var config = ServedConfig.Of(replica.Manifest, configuration);
        var version = loader.Load(replica.Manifest, config);
        try
        {
            replica.To(LifeState.Warming);
            Warm(version, config);
            replica.Place(version.Places);
            _report.Moved(replica.Id, [], version.Places);
            if (MeasuresMemory && isAlone && _pool.Running == 1)
                _memory.Learn(replica.Manifest, Environment.WorkingSet - before);
            if (isAlone && _pool.Running == 1)
                Gpus.Learn(replica.Manifest, version.Places, free);
            replica.Take(_memory.Of(replica.Manifest), Gpus.Taken(replica.Manifest, version.Places));
            return version;
        }
        catch
        {
            version.Dispose();
            throw;
        }
    }
}

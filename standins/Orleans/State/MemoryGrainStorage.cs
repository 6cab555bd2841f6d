using System.Collections.Concurrent;
using Orleans.Configuration;
using Orleans.Runtime;
using Orleans.Serialization;

namespace Orleans.Configuration
{
    /// <summary>Options of the store in memory.</summary>
    public class MemoryGrainStorageOptions
    {
        public const int NumStorageGrainsDefaultValue = 10;

        public int NumStorageGrains { get; set; } = NumStorageGrainsDefaultValue;

        public int InitStage { get; set; } = ServiceLifecycleStage.ApplicationServices;
    }
}

namespace Orleans.Storage
{
    /// <summary>
    /// States in memory, copied in and out. As in the public store: an unknown key accepts any ETag (the store may have been lost),
    /// "*" matches anything, and a cleared key remembers that it existed.
    /// </summary>
    public class MemoryGrainStorage(string name) : IGrainStorage
    {
        private readonly ConcurrentDictionary<(string State, GrainId Grain), Entry> _entries = new();

        public virtual Task ReadStateAsync<T>(string grainType, GrainId grainId, IGrainState<T> grainState)
        {
            if (_entries.TryGetValue((grainType, grainId), out var entry) && entry.Exists)
            {
                grainState.State = Copy((T)entry.State!);
                grainState.ETag = entry.ETag;
                grainState.RecordExists = true;
            }
            else
            {
                grainState.State = StateActivator<T>.Create();
                grainState.ETag = null;
                grainState.RecordExists = false;
            }

            return Task.CompletedTask;
        }

        public virtual Task WriteStateAsync<T>(string grainType, GrainId grainId, IGrainState<T> grainState)
        {
            var etag = Guid.NewGuid().ToString("N");
            Swap(grainType, grainId, grainState.ETag, new Entry(Copy(grainState.State!), etag, true), "update");
            grainState.ETag = etag;
            grainState.RecordExists = true;
            return Task.CompletedTask;
        }

        public virtual Task ClearStateAsync<T>(string grainType, GrainId grainId, IGrainState<T> grainState)
        {
            Swap(grainType, grainId, grainState.ETag, new Entry(null, "", false), "delete");
            grainState.State = StateActivator<T>.Create();
            grainState.ETag = null;
            grainState.RecordExists = false;
            return Task.CompletedTask;
        }

        private static T Copy<T>(T state)
        {
            var context = CopyContext.Rent();
            try
            {
                return Copier<T>.Copy(state, context);
            }
            finally
            {
                context.Return();
            }
        }

        private void Swap(string state, GrainId grain, string? received, Entry next, string operation)
        {
            _entries.AddOrUpdate(
                (state, grain),
                next,
                (_, current) => (current.ETag.Length == 0 && received is null) || received == current.ETag || received == "*"
                    ? next
                    : throw new InconsistentStateException($"Memory store '{name}': {operation} of state '{state}' of grain '{grain}' under a stale ETag.", current.ETag, received));
        }

        private sealed record Entry(object? State, string ETag, bool Exists);
    }
}

using Orleans.Runtime;
using Orleans.Storage;

namespace OrleansMl.Grains.Tests;

/// <summary>Grain storage with a hook before each write, where a test holds it up or lets it fail.</summary>
public sealed class FaultyGrainStorage(IGrainStorage inner, Func<string, Task> beforeWrite) : IGrainStorage
{
    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => inner.ReadStateAsync(stateName, grainId, grainState);

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        await beforeWrite(grainId.ToString());
        await inner.WriteStateAsync(stateName, grainId, grainState);
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => inner.ClearStateAsync(stateName, grainId, grainState);
}

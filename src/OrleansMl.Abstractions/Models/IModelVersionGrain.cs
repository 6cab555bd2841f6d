using Orleans.Concurrency;

namespace OrleansMl;

/// <summary>The life of one deployed version (key <see cref="ModelVersionId.ToGrainKey"/>): loads it, warms it, unloads it.</summary>
[Alias("oml.IModelVersionGrain")]
public interface IModelVersionGrain : IGrainWithStringKey
{
    /// <summary>Loads and warms; answers when it is available, or with the reason why it is not.</summary>
    [Alias("Load")]
    Task<OmlResult<VersionStatus>> LoadAsync(VersionManifest manifest);

    /// <summary>Drains and unloads.</summary>
    [Alias("Unload")]
    Task<OmlResult<VersionStatus>> UnloadAsync();

    [ReadOnly, AlwaysInterleave, Alias("Get")]
    Task<VersionStatus> GetAsync();
}

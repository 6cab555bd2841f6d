using System.Collections.Immutable;
using OrleansMl.Services;

namespace OrleansMl.Gateway.Tests;

/// <summary>A repository of one model <c>simple</c>, and one that is not loaded.</summary>
internal sealed class FakeRepository : IModelRepositoryService
{
    public RepositoryLoad? LastLoad { get; private set; }

    public List<string> Unloaded { get; } = [];

    public Task<ImmutableArray<RepositoryEntry>> IndexAsync(CancellationToken cancellationToken)
        => Task.FromResult<ImmutableArray<RepositoryEntry>>([new("simple", 1, true, ""), new("waiting", null, false, "it has no version yet")]);

    public Task<OmlResult<ImmutableArray<int>>> LoadAsync(string model, RepositoryLoad load, CancellationToken cancellationToken)
    {
        LastLoad = load;
        return Task.FromResult<OmlResult<ImmutableArray<int>>>(model == "simple" ? ImmutableArray.Create(1) : OmlError.NotFound("unknown_model", $"failed to load '{model}': there is no such model."));
    }

    public Task<OmlResult<ImmutableArray<int>>> UnloadAsync(string model, bool unloadDependents, CancellationToken cancellationToken)
    {
        Unloaded.Add(unloadDependents ? model + " and what it runs" : model);
        return Task.FromResult<OmlResult<ImmutableArray<int>>>(ImmutableArray.Create(1));
    }

    public Task<OmlError?> LoadFolderAsync(CancellationToken cancellationToken) => Task.FromResult<OmlError?>(null);
}

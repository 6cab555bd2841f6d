using Orleans.Concurrency;

namespace OrleansMl;

/// <summary>
/// All applied applications, one grain (key <see cref="Key"/>). Every silo holds a compiled copy and follows it by
/// <see cref="WaitAsync"/>.
/// </summary>
[Alias("oml.ICatalogGrain")]
public interface ICatalogGrain : IGrainWithStringKey
{
    /// <summary>The key of the one catalog.</summary>
    const string Key = "catalog";

    /// <summary>Compares with what stands, and unless it is a dry run makes it so.</summary>
    [Alias("Apply")]
    Task<OmlResult<ApplyResult>> ApplyAsync(ApplyRequest request);

    /// <summary>
    /// Removes an application: its events, views and predictions under <c>/api/v1</c> end. Logs and versions stay, and what is
    /// loaded goes on answering <c>/v2</c> until it is unloaded.
    /// </summary>
    [Alias("Delete")]
    Task<OmlResult<ApplyResult>> DeleteAsync(string application);

    /// <summary>Notes that a model has a version, so that every silo follows its plan.</summary>
    [Alias("AddModel")]
    Task AddModelAsync(string model);

    [ReadOnly, AlwaysInterleave, Alias("Get")]
    Task<CatalogSnapshot> GetAsync();

    /// <summary>Answers as soon as the revision is above <paramref name="afterRevision"/>, else with what stands after some seconds.</summary>
    [ReadOnly, AlwaysInterleave, Alias("Wait")]
    Task<CatalogSnapshot> WaitAsync(long afterRevision, CancellationToken cancellationToken);
}

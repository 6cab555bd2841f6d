using System.Collections.Immutable;

namespace OrleansMl;

/// <summary>
/// The monitors of one model (key: the model). It reads what was predicted and what was labelled from the prediction log,
/// in the order of commits, so that it stands in no request's way; what it has not read yet waits there.
/// </summary>
[Alias("oml.IMonitorGrain")]
public interface IMonitorGrain : IGrainWithStringKey
{
    /// <summary>Takes what has come since. Answers when there is no more, or after a while; true: there is more.</summary>
    [Alias("CatchUp")]
    Task<bool> CatchUpAsync();

    /// <summary>How each monitor stands, in the order of the declaration; 404 where no application declares the model.</summary>
    [Alias("Get")]
    Task<OmlResult<ImmutableArray<MonitorStatus>>> GetAsync();
}

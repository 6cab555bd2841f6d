using System.Collections.Immutable;
using Orleans.Concurrency;

namespace OrleansMl;

/// <summary>
/// The rollouts of a model (key: its name), one at a time: a candidate goes from shadow over growing shares of the calls to all
/// of them, and back by itself where it is worse. What stands is in the model's serving plan; this grain changes it by
/// compare-and-swap, and gives way to whoever else does.
/// </summary>
[Alias("oml.IRolloutGrain")]
public interface IRolloutGrain : IGrainWithStringKey
{
    /// <summary>Loads the candidate and begins; 409 rollout_running while another one is under way.</summary>
    [Alias("Start")]
    Task<OmlResult<Rollout>> StartAsync(RolloutRequest request);

    /// <summary>Takes what has come since and does what is due. It comes by itself; to call it again does no harm.</summary>
    [Alias("Review")]
    Task ReviewAsync();

    /// <param name="id">The rollout.</param>
    /// <param name="command">pause | resume | abort.</param>
    /// <param name="by">Who.</param>
    [Alias("Command")]
    Task<OmlResult<Rollout>> CommandAsync(int id, string command, string by);

    /// <summary>Oldest first; the last 100.</summary>
    [ReadOnly, AlwaysInterleave, Alias("List")]
    Task<ImmutableArray<Rollout>> ListAsync();
}

using System.Collections.Immutable;

namespace OrleansMl;

/// <summary>
/// Joins what was predicted for one entity with what came true: predicted → labelled, or defaulted when the window
/// closes → corrected → closed. The single writer of those states.
/// </summary>
[Alias("oml.IOutcomeJoinGrain")]
public interface IOutcomeJoinGrain : IGrainWithStringKey
{
    /// <summary>Records outcomes in order; one result for each, at the same index.</summary>
    [Alias("Record")]
    Task<OmlResult<ImmutableArray<OutcomeResult>>> RecordAsync(ImmutableArray<OutcomeRecord> outcomes);

    /// <summary>Joins the outcomes that came before their prediction, once the prediction is logged.</summary>
    [Alias("JoinPending")]
    Task JoinPendingAsync(string predictionId);

    /// <summary>Closes the windows that ended at or before <paramref name="now"/> (event or wall time, as the application's clock says).</summary>
    [Alias("CloseDue")]
    Task<int> CloseDueAsync(DateTime now);
}

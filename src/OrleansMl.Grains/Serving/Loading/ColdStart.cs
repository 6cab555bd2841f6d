namespace OrleansMl.Serving;

/// <summary>
/// Holds requests for versions that are not in memory until they are: a request that was sent to a version which sleeps is
/// answered later rather than refused, up to a bound.
/// </summary>
public sealed class ColdStart(ReplicaHost host, ServingOptions options, TimeProvider time)
{
    /// <summary>The patience of one request.</summary>
    internal Patience Begin() => new(this, time.GetTimestamp());

    private async ValueTask<string?> WhyNotAsync(PlanView view, int version, TimeSpan patience, CancellationToken cancellationToken)
    {
        if (!options.Serves)
            return "this silo loads no versions (Serving:Serves)";
        if (view.ManifestOf(version) is not { } manifest)
            return view.WhyNotReady(version);

        // Not tried by every request: a plan that comes again does, or a request after a while.
        if (view.LifeOf(version) is { State: LifeState.Failed } failed && (!failed.MayPass || time.GetUtcNow().UtcDateTime - failed.Since < options.MaxRetryDelay))
            return failed.Reason;
        var remaining = options.ColdStartLimit - patience;
        var load = host.GetAsync(manifest, view.Plan.Configuration);
        try
        {
            return (await load.WaitAsync(remaining > TimeSpan.Zero ? remaining : TimeSpan.Zero, time, cancellationToken)).Reason;
        }
        catch (TimeoutException)
        {
            return $"{view.WhyNotReady(version) ?? "it is being loaded"}, and the request has waited {options.ColdStartLimit.TotalSeconds:0.###} s (Serving:ColdStartLimit); send it again";
        }
    }

    private TimeSpan Elapsed(long start) => time.GetElapsedTime(start);

    /// <summary>How long one request has waited.</summary>
    internal readonly struct Patience(ColdStart owner, long start)
    {
        /// <summary>Waits until the version is loaded; null, or why it is not.</summary>
        public ValueTask<string?> WhyNotAsync(PlanView view, int version, CancellationToken cancellationToken) =>
            owner.WhyNotAsync(view, version, owner.Elapsed(start), cancellationToken);
    }
}

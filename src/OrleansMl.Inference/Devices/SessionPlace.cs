namespace OrleansMl.Inference;

/// <summary>Where a session runs.</summary>
/// <param name="Device"><c>cpu</c>, <c>cuda:N</c> or <c>tensorrt:N</c>.</param>
/// <param name="Runs">Runs that go on at once.</param>
/// <param name="FallbackReason">Why it is not the device that was asked for; null: it is.</param>
public sealed record SessionPlace(string Device, int Runs, string? FallbackReason)
{
    /// <summary>On a GPU: why the runtime copies tensors instead of finding them bound; null: they are bound, or it runs on the CPU.</summary>
    public string? UnboundReason { get; init; }
}

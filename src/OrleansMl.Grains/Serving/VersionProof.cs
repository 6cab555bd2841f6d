namespace OrleansMl.Serving;

/// <summary>What the trial load of a version has shown, which is the load that its replicas will do: by the model's configuration, on its devices.</summary>
/// <param name="Refusal">Why it cannot be served; null: it can.</param>
/// <param name="NotProven">What of the configuration was not tried, and why: a device that the silo lacks and falls back from. Null: all was.</param>
[GenerateSerializer, Immutable, Alias("oml.VersionProof")]
internal sealed record VersionProof([property: Id(0)] string? Refusal, [property: Id(1)] string? NotProven)
{
    /// <summary>It loads and is warm just as it is configured.</summary>
    public bool IsWhole => Refusal is null && NotProven is null;
}

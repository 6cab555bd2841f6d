namespace OrleansMl.Declaration;

/// <summary>Sources of labels that have a meaning of their own.</summary>
public static class LabelSources
{
    /// <summary>Outcomes that name no source.</summary>
    public const string Api = "api";

    /// <summary>Corrections by people who have looked at a prediction: before all other sources, under every policy.</summary>
    public const string Correction = "correction";

    /// <summary>The label that a window gives when it closes without a truth: behind all sources.</summary>
    public const string Default = "default";
}

namespace OrleansMl.Inference;

/// <summary>What was counted about inferences in this process.</summary>
public interface IInferenceStatistics
{
    /// <summary>The counts of a version as they stand; all zero for one that was never asked.</summary>
    VersionStatistics Read(string model, int version);
}

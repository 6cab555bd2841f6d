namespace OrleansMl.Jobs;

/// <summary>Ends a job as failed, from wherever its runner is.</summary>
internal sealed class JobErrorException(OmlError error) : Exception(error.Detail)
{
    public OmlError Error { get; } = error;
}

namespace OrleansMl.Learning;

/// <summary>A pipeline cannot be fitted or read; the message names stage, column and remedy.</summary>
public sealed class PipelineException : Exception
{
    public PipelineException(string stage, string? column, string problem)
        : base(column is null ? $"Pipeline stage {stage}: {problem}." : $"Pipeline stage {stage}, column '{column}': {problem}.")
        => (Stage, Column) = (stage, column);

    public PipelineException(string message, Exception? inner = null)
        : base(message, inner)
        => Stage = "";

    /// <summary>Name and place of the stage; empty when no single stage is at fault.</summary>
    public string Stage { get; }

    /// <summary>The column at fault; null when there is none.</summary>
    public string? Column { get; }
}

namespace OrleansMl.Services;

/// <summary>Where a silo's model repository lies.</summary>
public sealed class ModelRepositoryOptions
{
    /// <summary>Full path of the models folder; null: none.</summary>
    public string? Folder { get; set; }

    /// <summary>Fields of <c>config.pbtxt</c> that are not supported are passed over, with a warning; else they fail the load.</summary>
    public bool IsConfigLenient { get; set; }
}

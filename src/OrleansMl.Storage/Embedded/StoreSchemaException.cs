namespace OrleansMl.Storage.Embedded;

/// <summary>The store's file was written by a version of the program that this one does not know.</summary>
public sealed class StoreSchemaException(string path, long found, long known)
    : Exception(
        $"The store '{path}' has schema {found}; this program knows schemas up to {known}. "
        + "Run the newer program, or restore a backup that was made before the upgrade.")
{
    /// <summary>Version of the schema in the file.</summary>
    public long Found { get; } = found;

    /// <summary>Newest version that this program knows.</summary>
    public long Known { get; } = known;
}

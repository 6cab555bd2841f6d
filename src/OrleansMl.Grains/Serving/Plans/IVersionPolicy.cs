namespace OrleansMl.Serving;

/// <summary>
/// Decides how a plan comes about, one action at a time. A pure function, as TensorFlow Serving's
/// <c>AspiredVersionPolicy</c> is: it knows nothing but the snapshot, and keeps nothing.
/// </summary>
public interface IVersionPolicy
{
    VersionAction Next(VersionSnapshot snapshot);
}

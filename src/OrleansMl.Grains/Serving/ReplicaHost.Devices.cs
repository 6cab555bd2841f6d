using OrleansMl.Inference;

namespace OrleansMl.Serving;

public sealed partial class ReplicaHost
{
    /// <summary>Sessions that another configuration means and that cannot be had must not cost the answers of those that are there.</summary>
    private bool Rewarm(LoadedVersion version, ServedConfig config)
    {
        var id = new ModelVersionId(version.Manifest.Model, version.Manifest.Version);
        var before = version.Places;
        try
        {
            Warm(version, config);
        }
        catch (ModelLoadException exception)
        {
            _report.Stayed(id, before, exception.Message);
        }

        if (_replicas.TryGetValue(id, out var replica) && !before.SequenceEqual(version.Places))
        {
            replica.Place(version.Places);
            _report.Moved(id, before, version.Places);
        }

        return true;
    }
}

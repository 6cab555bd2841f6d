using OrleansMl.Inference;

namespace OrleansMl.Serving;

/// <summary>The sessions of a version's artifact, on the devices that its configuration means. Thread-safe.</summary>
internal sealed class ArtifactSessions : IDisposable
{
    private readonly Func<byte[]> _read;
    private readonly DeviceOptions _devices;
    private readonly Lock _gate = new();
    private string _key;

    private ArtifactSessions(Func<byte[]> read, DeviceOptions devices, string key, ModelSessions sessions) =>
        (_read, _devices, _key, Sessions) = (read, devices, key, sessions);

    public ModelSessions Sessions { get; }

    /// <param name="read">Reads the artifact; again when other sessions are needed.</param>
    /// <param name="config">That it is served with.</param>
    /// <param name="devices">The silo's.</param>
    /// <exception cref="ModelLoadException">It cannot run so; the message says why.</exception>
    public static ArtifactSessions Open(Func<byte[]> read, ServedConfig config, DeviceOptions devices)
    {
        var plan = PlanOf(config, devices);
        return new ArtifactSessions(read, devices, plan.Key, ModelSessions.Open(read(), plan.Groups));
    }

    /// <summary>Runs that go on at once by a configuration.</summary>
    public int RunsOf(ServedConfig config) => DevicePlan.Of(config, _devices).Runs;

    /// <summary>The sessions are those that a configuration means.</summary>
    public bool Fits(ServedConfig config)
    {
        lock (_gate)
            return DevicePlan.Of(config, _devices).Key == _key;
    }

    /// <summary>Opens other sessions where a configuration means other devices or options; those that were end with their runs.</summary>
    /// <returns>There are others now.</returns>
    /// <exception cref="ModelLoadException">They cannot be had; those that were stay.</exception>
    public bool Prepare(ServedConfig config)
    {
        lock (_gate)
        {
            var plan = PlanOf(config, _devices);
            if (plan.Key == _key)
                return false;
            Sessions.Replace(_read(), plan.Groups);
            _key = plan.Key;
            return true;
        }
    }

    public void Dispose() => Sessions.Dispose();

    private static DevicePlan PlanOf(ServedConfig config, DeviceOptions devices)
    {
        var plan = DevicePlan.Of(config, devices);
        return plan.Faults.IsEmpty ? plan : throw new ModelLoadException(InspectCodes.DeviceUnavailable, $"The configuration cannot be carried out here: {string.Join("; ", plan.Faults)}.");
    }
}

using System.Collections.Immutable;
using OrleansMl.Inference;
using OrleansMl.Protocol;

namespace OrleansMl.Serving;

/// <summary>A configuration as it is shown: with the devices that the version has come to run on in this silo.</summary>
internal static class ShownDevices
{
    public static ServedConfig Of(ServedConfig config, ImmutableArray<SessionPlace> places)
    {
        if (places.IsDefaultOrEmpty)
            return config;
        var groups = places.GroupBy(p => p.Device, StringComparer.Ordinal).Select((sessions, i) =>
        {
            var group = new ModelInstanceGroup { Name = i == 0 ? config.Message.Name : $"{config.Message.Name}_{i}", Count = sessions.Sum(p => p.Runs), Kind = ModelInstanceGroup.Types.Kind.Cpu };
            if (DeviceId.TryParse(sessions.Key, out var device) && device.IsGpu)
            {
                group.Kind = ModelInstanceGroup.Types.Kind.Gpu;
                group.Gpus.Add(device.Number);
            }

            return group;
        });
        return config.WithInstances(groups);
    }
}

using System.Globalization;
using OrleansMl.Inference;

namespace OrleansMl.Serving;

/// <summary>Which devices a silo runs models on: the section <c>Serving:Devices</c> of its configuration.</summary>
public sealed class DeviceOptions
{
    private const string Section = "Serving:Devices";

    /// <summary>Device of models that name none, or <c>KIND_AUTO</c>: <c>cpu</c>, <c>cuda:N</c> or <c>tensorrt:N</c>.</summary>
    public string Default { get; set; } = "cpu";

    /// <summary>Devices that models may name; empty: all.</summary>
    public IList<string> Allowed { get; } = [];

    /// <summary>What to do when a device cannot be had: refuse the model, or run it on the CPU and say so.</summary>
    public DeviceFallback Fallback { get; set; } = DeviceFallback.Refuse;

    /// <summary>
    /// Most bytes of each GPU's memory that the sessions of this silo take together, by estimate, at least 1 MiB. No session's arena
    /// takes more by itself either; a model may state less for its own. Null: no limit.
    /// </summary>
    public long? GpuMemoryLimitBytes { get; set; }

    /// <summary>Folder in which TensorRT keeps engines; null: none are kept, and models that ask for it are refused.</summary>
    public string? EngineCacheFolder { get; set; }

    /// <summary>What is wrong, each with the option, its value and the remedy; empty: nothing.</summary>
    internal IEnumerable<string> Faults()
    {
        if (!DeviceId.TryParse(Default, out var device))
            yield return $"{Section}:Default is '{Default}'; give {DeviceId.Forms}.";
        else if (!IsAllowed(device))
            yield return $"{Section}:Default is '{Default}', which {Section}:Allowed lacks ({string.Join(", ", Allowed)}); add it, or leave Allowed empty for all.";
        foreach (var allowed in Allowed.Where(a => !DeviceId.TryParse(a, out _)))
            yield return $"{Section}:Allowed has '{allowed}'; give {DeviceId.Forms}.";
        if (!Enum.IsDefined(Fallback))
            yield return $"{Section}:Fallback is {Fallback}; give Refuse or Cpu.";
        if (GpuMemoryLimitBytes is < 1 << 20)
            yield return string.Create(CultureInfo.InvariantCulture, $"{Section}:GpuMemoryLimitBytes is {GpuMemoryLimitBytes}; give at least 1048576 bytes, or leave it out for no limit.");
        if (EngineCacheFolder is { } folder && !Path.IsPathFullyQualified(folder))
            yield return $"{Section}:EngineCacheFolder is '{folder}'; give a full path.";
    }

    internal DeviceId DefaultDevice => DeviceId.TryParse(Default, out var device) ? device : DeviceId.Cpu;

    internal bool IsAllowed(DeviceId device) => Allowed.Count == 0 || Allowed.Contains(device.ToString());
}

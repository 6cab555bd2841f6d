using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;

namespace OrleansMl.Serving;

/// <summary>Loads, evictions and memory of versions, by model and version.</summary>
public sealed class ServingInstruments
{
    public ServingInstruments(IMeterFactory meters)
    {
        var meter = meters.Create("OrleansMl.Serving");
        Loads = meter.CreateCounter<long>("oml-version-loads", description: "Loads by model, version and result: loaded, failed, retried.");
        LoadDuration = meter.CreateHistogram<double>("oml-version-load-duration", "s", "From the start of a load until the version is warm.");
        Evictions = meter.CreateCounter<long>("oml-version-evictions", description: "Versions taken out of memory for others.");
        LoadedBytes = meter.CreateUpDownCounter<long>("oml-version-loaded-bytes", "By", "Memory of loaded versions, by estimate.");
        GpuBytes = meter.CreateUpDownCounter<long>("oml-version-gpu-bytes", "By", "Memory of GPUs that the sessions of loaded versions take, by estimate, by model, version and device.");
        Sessions = meter.CreateUpDownCounter<long>("oml-serving-device-sessions", description: "Sessions by model, version and device.");
    }

    public Counter<long> Loads { get; }

    public Histogram<double> LoadDuration { get; }

    public Counter<long> Evictions { get; }

    public UpDownCounter<long> LoadedBytes { get; }

    public UpDownCounter<long> GpuBytes { get; }

    public UpDownCounter<long> Sessions { get; }

    internal static TagList Tags(ModelVersionId id) => new() { { "model", id.Model }, { "version", id.Version.ToString(CultureInfo.InvariantCulture) } };

    internal void CountLoad(ModelVersionId id, string result)
    {
        var tags = Tags(id);
        tags.Add("result", result);
        Loads.Add(1, tags);
    }
}

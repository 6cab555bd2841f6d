using System.Collections.Immutable;
using System.Globalization;

namespace OrleansMl.Serving;

/// <summary>How a silo loads, keeps and gives up versions: the section <c>Serving</c> of its configuration.</summary>
public sealed class ServingOptions
{
    private const string Section = "Serving";

    /// <summary>
    /// This silo loads versions. False: a gateway or a trainer, which sends the requests that come to it to silos that do.
    /// </summary>
    public bool Serves { get; set; } = true;

    /// <summary>Time between two reports of a silo to the others: what is available on it, and how busy it is. 10 ms to 1 minute.</summary>
    public TimeSpan ReportPeriod { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Loads that run at once, each on a thread of its own, 1 to 64.</summary>
    public int Loaders { get; set; } = 2;

    /// <summary>How often a load is tried that fails for a reason which may pass (I/O, out of memory), 1 to 100.</summary>
    public int LoadAttempts { get; set; } = 5;

    /// <summary>Wait before the second attempt; doubles with each, up to <see cref="MaxRetryDelay"/>. Above 0.</summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Longest wait between two attempts, and how long after a failure requests do not set off another load.</summary>
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether the new versions are loaded before the old ones go, or after.</summary>
    public VersionSwap Swap { get; set; } = VersionSwap.AvailabilityPreserving;

    /// <summary>How long a request waits for a version that is being loaded, from 0 (not at all) to 10 minutes.</summary>
    public TimeSpan ColdStartLimit { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Bytes that loaded versions may take together, by estimate; null: no limit.</summary>
    public long? MemoryBudgetBytes { get; set; }

    /// <summary>Versions that are never evicted: <c>model</c> for all of a model, or <c>model:version</c>.</summary>
    public IList<string> Pinned { get; } = [];

    /// <summary>Devices that models run on.</summary>
    public DeviceOptions Devices { get; } = new();

    /// <summary>What is wrong, each with the option, its value and the remedy; empty: nothing.</summary>
    public ImmutableArray<string> Faults()
    {
        var faults = ImmutableArray.CreateBuilder<string>();
        if (ReportPeriod < TimeSpan.FromMilliseconds(10) || ReportPeriod > TimeSpan.FromMinutes(1))
            faults.Add(Text($"{Section}:ReportPeriod is {ReportPeriod}; give a time from 00:00:00.01 to 00:01:00."));
        if (Loaders is < 1 or > 64)
            faults.Add(Text($"{Section}:Loaders is {Loaders}; give 1 to 64."));
        if (LoadAttempts is < 1 or > 100)
            faults.Add(Text($"{Section}:LoadAttempts is {LoadAttempts}; give 1 (no second attempt) to 100."));
        if (RetryDelay <= TimeSpan.Zero)
            faults.Add(Text($"{Section}:RetryDelay is {RetryDelay}; give a time above 0, such as 00:00:00.5."));
        if (MaxRetryDelay < RetryDelay || MaxRetryDelay > TimeSpan.FromDays(1))
            faults.Add(Text($"{Section}:MaxRetryDelay is {MaxRetryDelay}; give a time from {RetryDelay} (RetryDelay) to one day."));
        if (ColdStartLimit < TimeSpan.Zero || ColdStartLimit > TimeSpan.FromMinutes(10))
            faults.Add(Text($"{Section}:ColdStartLimit is {ColdStartLimit}; give a time from 0 (do not wait) to 00:10:00."));
        if (!Enum.IsDefined(Swap))
            faults.Add(Text($"{Section}:Swap is {Swap}; give AvailabilityPreserving (load the new, then unload the old) or ResourcePreserving."));
        if (MemoryBudgetBytes is <= 0)
            faults.Add(Text($"{Section}:MemoryBudgetBytes is {MemoryBudgetBytes}; give a number of bytes above 0, or leave it out for no limit."));
        foreach (var pin in Pinned)
        {
            var colon = pin.IndexOf(':', StringComparison.Ordinal);
            var isVersion = colon < 0 || (int.TryParse(pin.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var version) && version > 0);
            if (!isVersion || !Names.IsName(colon < 0 ? pin : pin[..colon]))
                faults.Add(Text($"{Section}:Pinned has '{pin}'; give MODEL or MODEL:VERSION, such as fraud or fraud:3."));
        }

        faults.AddRange(Devices.Faults());
        return faults.ToImmutable();
    }

    /// <exception cref="ArgumentException">An option cannot be used; the message names it and the remedy.</exception>
    public void Validate()
    {
        var faults = Faults();
        if (!faults.IsEmpty)
            throw new ArgumentException(string.Join(' ', faults));
    }

    internal bool IsPinned(ModelVersionId id) => Pinned.Count > 0 && (Pinned.Contains(id.Model) || Pinned.Contains(Text($"{id.Model}:{id.Version}")));

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

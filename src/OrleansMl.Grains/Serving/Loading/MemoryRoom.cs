using System.Globalization;

namespace OrleansMl.Serving;

/// <summary>Whether a version fits into a memory budget, and who goes for it. Pure.</summary>
/// <param name="Fits">It can be loaded now.</param>
/// <param name="Victim">What is to be evicted first; null: nothing.</param>
/// <param name="Reason">Why it cannot be loaded; null where it can.</param>
public sealed record MemoryRoom(bool Fits, ModelVersionId? Victim, string? Reason)
{
    private static readonly MemoryRoom s_fits = new(true, null, null);

    /// <summary>Decides for one version.</summary>
    /// <param name="version">What is to be loaded.</param>
    /// <param name="all">What is in memory, or on its way; others are passed over.</param>
    /// <param name="budget">Bytes for all together; null: no limit.</param>
    /// <param name="below">Only versions of a lower rank may be evicted.</param>
    /// <param name="of">Whose memory it is; null: the process's.</param>
    public static MemoryRoom For(VersionFacts version, IEnumerable<VersionFacts> all, long? budget, VersionRank below, MemoryBudget? of = null)
    {
        of ??= MemoryBudget.Process;
        if (budget is not { } limit)
            return s_fits;
        var others = all.Where(v => v.TakesMemory && v.Id != version.Id).ToArray();
        var used = others.Sum(v => v.Bytes);
        if (used + version.Bytes <= limit)
            return s_fits;
        if (version.Bytes > limit)
            return new MemoryRoom(false, null, Text($"it takes about {version.Bytes} bytes, more than {of.Name} of {limit}; raise {of.Setting}"));

        // Nobody is evicted in vain: those that may go must make enough room together.
        var candidates = others.Where(v => v.State == LifeState.Available && v.Rank < below).ToArray();
        if (used - candidates.Sum(v => v.Bytes) + version.Bytes > limit)
            return new MemoryRoom(false, null, Text($"it takes about {version.Bytes} bytes, and {used} of {of.Name} of {limit} are in use by versions that do not give way to it; raise {of.Setting}, or pin and load fewer"));
        return new MemoryRoom(false, candidates.OrderBy(v => v.Rank).ThenBy(v => v.LastUsed).ThenBy(v => v.Id.Model, StringComparer.Ordinal).ThenBy(v => v.Id.Version).First().Id, null);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

using System.Collections.Immutable;
using System.Diagnostics;
using Microsoft.Extensions.Logging;
using OrleansMl.Inference;

namespace OrleansMl.Serving;

/// <summary>Says where versions run, and why not where they should: in the log, and in the metric of sessions by device.</summary>
internal sealed partial class DeviceReport(ILogger logger, ServingInstruments? instruments)
{
    /// <summary>Why a session runs on another device than was asked for; null: none does.</summary>
    public static string? FallbackOf(ImmutableArray<SessionPlace> places) => places.FirstOrDefault(p => p.FallbackReason is not null)?.FallbackReason;

    /// <summary>Sessions were opened, or given up, or both.</summary>
    public void Moved(ModelVersionId id, ImmutableArray<SessionPlace> before, ImmutableArray<SessionPlace> after)
    {
        Count(id, before, -1);
        Count(id, after, 1);
        if (after.IsEmpty)
            return;
        LogPlaced(logger, id.Model, id.Version, string.Join(", ", after.GroupBy(p => p.Device, StringComparer.Ordinal).Select(g => $"{g.Count()} session{(g.Count() == 1 ? "" : "s")} on {g.Key}")));
        if (FallbackOf(after) is { } fallback)
            LogFellBack(logger, id.Model, id.Version, fallback);
        if (after.FirstOrDefault(p => p.Device != "cpu" && p.UnboundReason is not null) is { } unbound)
            LogUnbound(logger, id.Model, id.Version, unbound.Device, unbound.UnboundReason!);
    }

    /// <summary>Another configuration could not be carried out.</summary>
    public void Stayed(ModelVersionId id, ImmutableArray<SessionPlace> places, string reason) =>
        LogStayed(logger, id.Model, id.Version, string.Join(", ", places.Select(p => p.Device).Distinct(StringComparer.Ordinal)), reason);

    private void Count(ModelVersionId id, ImmutableArray<SessionPlace> places, int sign)
    {
        if (instruments is null)
            return;
        foreach (var sessions in places.GroupBy(p => p.Device, StringComparer.Ordinal))
        {
            TagList tags = ServingInstruments.Tags(id);
            tags.Add("device", sessions.Key);
            instruments.Sessions.Add(sign * sessions.Count(), tags);
        }
    }
}

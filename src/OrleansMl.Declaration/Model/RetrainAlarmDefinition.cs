using System.Collections.Immutable;

namespace OrleansMl.Declaration;

/// <summary>Alarms of drift that begin a retraining.</summary>
/// <param name="Monitors">Whose; empty: those of all monitors of the model.</param>
/// <param name="Cooldown">After a retraining by this trigger, alarms of so long begin none.</param>
public sealed record RetrainAlarmDefinition(ImmutableArray<string> Monitors, TimeSpan Cooldown);

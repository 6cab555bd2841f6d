using OrleansMl.Storage;

namespace OrleansMl.Retraining.Schedules;

/// <summary>What triggers are decided by, as it stands now.</summary>
/// <param name="Now">By the domain's clock, UTC.</param>
/// <param name="Label">Sequence of the model's last label; they count by one.</param>
/// <param name="LastAlarm">Sequence of the model's last alarm; 0: none.</param>
/// <param name="Alarms">Alarms that some trigger has not looked at, in any order; others may be among them.</param>
internal sealed record ScheduleFacts(DateTime Now, long Label, long LastAlarm, IReadOnlyList<AlarmRow> Alarms);

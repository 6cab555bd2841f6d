using FsCheck;
using FsCheck.Fluent;
using OrleansMl.Declaration;
using OrleansMl.Retraining.Schedules;
using OrleansMl.Storage;

namespace OrleansMl.Grains.Tests.Retraining;

public class TriggerPolicyTests
{
    private static readonly DateTime s_start = new(2026, 3, 1, 0, 0, 0, DateTimeKind.Utc);
    private static readonly RetrainTriggerDefinition s_hourly = new() { Cron = "0 * * * *", TimeZone = "UTC" };
    private static readonly CronSchedule s_schedule = CronSchedule.Parse(s_hourly.Cron!, TimeZoneInfo.Utc, out _)!;

    /// <summary>However it is looked at, no time begins two retrainings, and a time that passed is not forgotten.</summary>
    [Fact]
    public void Each_time_counts_once_wherever_the_looks_fall()
    {
        var gaps = Gen.Choose(0, 200).ArrayOf().ToArbitrary();
        Check.One(Config.QuickThrowOnFailure, Prop.ForAll(gaps, minutes =>
        {
            var (now, begun) = (s_start, new List<DateTime>());
            var stored = TriggerPolicy.Begin(Facts(now));
            foreach (var gap in minutes)
            {
                now += TimeSpan.FromMinutes(gap);
                stored = TriggerPolicy.Look(s_hourly, stored, s_schedule, Facts(now));
                if (!stored.IsPending)
                    continue;
                begun.Add(stored.Since);
                stored = TriggerPolicy.Ran(stored, "j", null, now);
            }

            // Nothing is left, all were times, each once and rising, and the last one that passed is among them.
            var last = s_schedule.Last(s_start, now);
            return ReferenceEquals(stored, TriggerPolicy.Look(s_hourly, stored, s_schedule, Facts(now)))
                && begun.SequenceEqual(begun.Distinct().Order()) && begun.TrueForAll(time => time.Minute == 0 && time > s_start)
                && (last is null ? begun.Count == 0 : begun[^1] == last);
        }));
    }

    [Fact]
    public void Outcomes_count_from_the_last_retraining_and_erased_ones_leave_no_debt()
    {
        var definition = new RetrainTriggerDefinition { Outcomes = 10 };
        var stored = TriggerPolicy.Begin(Facts(s_start, label: 100));
        Assert.Same(stored, TriggerPolicy.Look(definition, stored, null, Facts(s_start, label: 109)));
        Assert.True(TriggerPolicy.Look(definition, stored, null, Facts(s_start, label: 110)).IsPending);
        var lowered = TriggerPolicy.Look(definition, stored, null, Facts(s_start, label: 40));
        Assert.Equal((40L, false), (lowered.Label, lowered.IsPending));
        Assert.True(TriggerPolicy.Look(definition, lowered, null, Facts(s_start, label: 50)).IsPending);
    }

    [Fact]
    public void A_retraining_that_others_began_ends_the_count_of_outcomes_and_nothing_else()
    {
        var counting = TriggerPolicy.Begin(Facts(s_start, label: 100)) with { IsPending = true };
        var counted = TriggerPolicy.Retrained(new RetrainTriggerDefinition { Outcomes = 10 }, counting, Facts(s_start, label: 117));
        Assert.Equal((117L, false), (counted.Label, counted.IsPending));
        Assert.Same(counting, TriggerPolicy.Retrained(s_hourly, counting, Facts(s_start, label: 117)));
    }

    [Fact]
    public void An_alarm_is_looked_at_once_and_one_within_the_cooldown_is_passed_over_for_good()
    {
        var definition = new RetrainTriggerDefinition { Alarm = new RetrainAlarmDefinition(["a"], TimeSpan.FromHours(6)) };
        var stored = TriggerPolicy.Begin(Facts(s_start, lastAlarm: 5));
        Assert.Same(stored, TriggerPolicy.Look(definition, stored, null, Facts(s_start, lastAlarm: 5)));
        var other = TriggerPolicy.Look(definition, stored, null, Facts(s_start, label: 0, lastAlarm: 6, Alarm(6, "b", s_start)));
        Assert.Equal((6L, false), (other.Alarm, other.IsPending));
        var come = TriggerPolicy.Look(definition, other, null, Facts(s_start, label: 0, lastAlarm: 7, Alarm(7, "a", s_start)));
        Assert.True(come.IsPending);
        var ran = TriggerPolicy.Ran(come, "j", null, s_start);
        var within = TriggerPolicy.Look(definition, ran, null, Facts(s_start.AddHours(5), label: 0, lastAlarm: 8, Alarm(8, "a", s_start.AddHours(5))));
        Assert.False(within.IsPending);
        Assert.Same(within, TriggerPolicy.Look(definition, within, null, Facts(s_start.AddHours(9), label: 0, lastAlarm: 8, Alarm(8, "a", s_start.AddHours(5)))));
        Assert.True(TriggerPolicy.Look(definition, within, null, Facts(s_start.AddHours(9), label: 0, lastAlarm: 9, Alarm(9, "a", s_start.AddHours(6)))).IsPending);
    }

    [Fact]
    public void A_cron_whose_zone_is_not_known_here_does_not_come()
    {
        var stored = TriggerPolicy.Begin(Facts(s_start));
        Assert.Same(stored, TriggerPolicy.Look(s_hourly, stored, null, Facts(s_start.AddDays(3))));
    }

    private static ScheduleFacts Facts(DateTime now, long label = 0, long lastAlarm = 0, params AlarmRow[] alarms) => new(now, label, lastAlarm, alarms);

    private static AlarmRow Alarm(long sequence, string monitor, DateTime raised) =>
        new() { Id = "x", Model = "m", Monitor = monitor, Raised = raised, Document = default, Sequence = sequence };
}

using FsCheck;
using FsCheck.Fluent;

namespace OrleansMl.Features.Tests;

/// <summary>One step of a random log, drawn by FsCheck: small numbers, so that times tie and values repeat.</summary>
/// <param name="Kind">0–5 event, 6–8 outcome, 9 attributes.</param>
/// <param name="Target">Which of two event types or targets.</param>
/// <param name="Advance">Minutes the clock moves before it.</param>
/// <param name="Lag">Minutes the record is behind the clock; negative: ahead of it.</param>
/// <param name="Number">0–1 no field; 2 a truth value; else a number.</param>
/// <param name="Text">0 no field; else one of a few texts.</param>
/// <param name="Corrects">Outcomes: 0–2 corrects an earlier one; else a new one.</param>
/// <param name="Pick">Which earlier one, and how a correction moves in time.</param>
internal sealed record Step(int Kind, int Target, int Advance, int Lag, int Number, int Text, int Corrects, int Pick);

/// <summary>A random log and random times to read it at, over a plan that has every aggregation over every window.</summary>
internal sealed class Scenario
{
    public static readonly ViewDefinition[] Views = MakeViews();

    public static readonly FoldPlan Plan = FoldPlan.Compile(Declare.Client("segment", "tier"), Views, TimeSpan.FromMinutes(7));

    private Scenario(IReadOnlyList<Step> steps, bool corrections)
    {
        var random = new Random(steps.Count);
        var clock = 0;
        var outcomes = new List<(string Target, string Id, int Revision, int Minutes)>();
        foreach (var step in steps)
        {
            clock += step.Advance;
            var fields = new List<FoldField>();
            if (step.Number > 1)
            {
                fields.Add(new FoldField("x", step.Number == 2 ? FieldValue.Of(true) : FieldValue.Of((step.Number - 20) * 0.1)));
            }

            if (step.Text > 0)
            {
                fields.Add(new FoldField("s", FieldValue.Of($"t{step.Text}")));
            }

            var (kind, type, minutes, id, revision) = (FoldRecordKind.Event, step.Target == 0 ? "tick" : "tock", clock - step.Lag, $"e{Records.Count}", 0);
            if (step.Kind >= 9)
            {
                (kind, type) = (FoldRecordKind.Attributes, "");
                fields = [new FoldField(step.Target == 0 ? "segment" : "tier", step.Text == 0 ? FieldValue.Missing : FieldValue.Of($"t{step.Text}"))];
            }
            else if (step.Kind >= 6)
            {
                (kind, type) = (FoldRecordKind.Outcome, step.Target == 0 ? "up" : "paid");
                fields = step.Number == 0 ? [] : [new FoldField("value", FieldValue.Of((double)(step.Number % 3)))];
                if (corrections && step.Corrects < 3 && outcomes.Count > 0)
                {
                    // mostly a recent one, now and then any
                    var index = step.Corrects > 0 ? Math.Max(0, outcomes.Count - 1 - (step.Pick % 12)) : step.Pick % outcomes.Count;
                    var earlier = outcomes[index];
                    (type, id, revision) = (earlier.Target, earlier.Id, earlier.Revision + 1 + (step.Pick % 2));
                    minutes = (step.Pick % 4) switch { 0 => minutes, 1 => earlier.Minutes - 3, _ => earlier.Minutes };
                    outcomes[index] = (type, id, revision, minutes);
                }
                else
                {
                    id = $"o{Records.Count}";
                    outcomes.Add((type, id, 0, minutes));
                }
            }

            Records.Add(new FoldRecord(Records.Count + 1, kind, type, Log.At(minutes), Log.At(clock), id, fields.ToArray()) { Revision = revision });
        }

        Clock = clock;
        ReadOffsets = [.. Enumerable.Range(0, 4).Select(_ => random.Next(-12, 20)), 0, -random.Next(0, 200)];
        CheckPoints = [.. Enumerable.Range(0, 3).Select(_ => random.Next(0, Records.Count + 1)), Records.Count];
    }

    public List<FoldRecord> Records { get; } = [];

    /// <summary>Created time of the last record, in minutes.</summary>
    public int Clock { get; }

    /// <summary>Minutes after the clock to read at.</summary>
    public int[] ReadOffsets { get; }

    /// <summary>Numbers of records after which to read or to save.</summary>
    public int[] CheckPoints { get; }

    /// <summary>Runs a property over random logs, from a fixed seed; on failure FsCheck shrinks the log.</summary>
    public static void Check(int tests, Action<Scenario> property, bool corrections = true)
    {
        var step =
            from kind in Gen.Choose(0, 9)
            from target in Gen.Frequency((3, Gen.Constant(0)), (2, Gen.Constant(1)))
            from advance in Gen.Frequency((4, Gen.Constant(0)), (4, Gen.Choose(1, 2)), (1, Gen.Choose(3, 9)))
            from lag in Gen.Frequency((8, Gen.Constant(0)), (4, Gen.Choose(-4, 10)), (1, Gen.Choose(10, 240)))
            from number in Gen.Choose(0, 40)
            from text in Gen.Choose(0, 6)
            from corrects in Gen.Choose(0, 9)
            from pick in Gen.Choose(0, 1000)
            select new Step(kind, target, advance, lag, number, text, corrects, pick);
        var steps = Gen.Frequency((1, Gen.Choose(0, 40)), (4, Gen.Choose(300, 1000))).SelectMany(count => Gen.ListOf(step, count));
        var arbitrary = Arb.From(steps.Select(s => s.ToArray()), Shrink);
        FsCheck.Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(tests).WithReplay(20260301UL, 7UL),
            Prop.ForAll(arbitrary, s => property(new Scenario(s, corrections))));
    }

    public static void AssertSame(FeatureRead expected, FeatureRead actual, string what)
    {
        Assert.True(
            expected.Status == actual.Status && expected.EventTime == actual.EventTime && expected.UsedDefault == actual.UsedDefault
                && IsClose(expected.Value, actual.Value),
            $"{what}: expected {expected}, read {actual}");
    }

    /// <summary>Compares a reading of everything with the definition.</summary>
    public static void AssertIsDefinition(IReadOnlyList<FoldRecord> log, DateTime at, FeatureRead[] reads)
    {
        var i = 0;
        foreach (var view in Views)
        {
            foreach (var feature in view.Features)
            {
                AssertSame(Oracle.Read(log, view, feature, at), reads[i++], $"{view.Name}:{feature.Name} at {at:O} after {log.Count} records");
            }
        }

        AssertSame(Oracle.ReadAttribute(log, "segment", at), reads[i++], $"segment at {at:O} after {log.Count} records");
        AssertSame(Oracle.ReadAttribute(log, "tier", at), reads[i++], $"tier at {at:O} after {log.Count} records");
        Assert.Equal(i, reads.Length);
    }

    // Halves first, then single steps of short logs.
    private static IEnumerable<Step[]> Shrink(Step[] steps)
    {
        for (var chunk = steps.Length / 2; chunk > 0; chunk /= 2)
        {
            for (var start = 0; start + chunk <= steps.Length; start += chunk)
            {
                yield return [.. steps[..start], .. steps[(start + chunk)..]];
            }
        }
    }

    private static bool IsClose(FieldValue expected, FieldValue actual) =>
        expected == actual || (expected.Kind == FieldValueKind.Number && actual.Kind == FieldValueKind.Number
            && Math.Abs(expected.AsNumber() - actual.AsNumber()) <= 1e-9 * Math.Max(1, Math.Abs(expected.AsNumber())));

    private static ViewDefinition[] MakeViews()
    {
        (string Name, double? Minutes, bool Tumbling)[] windows = [("all", null, false), ("s10", 10, false), ("s60", 60, false), ("t15", 15, true)];
        FeatureDefinition[] Every(string number, string text) =>
        [
            .. windows.SelectMany(w => Enum.GetValues<Aggregation>()
                .Select(a => Declare.Feature($"{a}_{w.Name}", a, a switch { Aggregation.Count => null, Aggregation.Distinct => text, _ => number }, w.Minutes, w.Tumbling))),
            Declare.Feature("lag3_all", Aggregation.Last, text) with { Offset = 3 },
            Declare.Feature("lag2_s60", Aggregation.Last, number, 60) with { Offset = 2, Default = -1.0 },
            Declare.Feature("count_or_0", Aggregation.Count, null, 10) with { Default = 0.0 },
        ];
        return
        [
            Declare.View("ticks", "tick", Every("x", "s")),
            Declare.View("fresh_ticks", "tick", Every("x", "s")) with { Ttl = TimeSpan.FromMinutes(4) },
            Declare.View("tocks", "tock", Declare.Feature("last", Aggregation.Last, "x"), Declare.Feature("lag20", Aggregation.Last, "s") with { Offset = 20 }, Declare.Feature("texts", Aggregation.Distinct, "s")),
            Declare.OutcomeView("paid", "paid", Every("value", "value")),
            Declare.OutcomeView("up", "up", [.. Every("value", "value").Where(f => f.Window is not null || f.Aggregation == Aggregation.Last)]) with { Ttl = TimeSpan.FromMinutes(30) },
        ];
    }
}

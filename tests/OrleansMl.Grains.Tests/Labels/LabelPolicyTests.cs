using FsCheck;
using FsCheck.Fluent;
using OrleansMl.Declaration;
using OrleansMl.Outcomes;
using OrleansMl.Storage;

namespace OrleansMl.Grains.Tests.Labels;

/// <summary>Whose label stands, whatever the order in which sources speak.</summary>
public sealed class LabelPolicyTests
{
    private static readonly DateTime s_start = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private static readonly string[] s_names = ["alpha", "beta", "gamma", "delta", LabelSources.Correction];

    [Theory]
    [InlineData(LabelConflict.HighestPriority)]
    [InlineData(LabelConflict.Majority)]
    public void The_label_is_that_of_the_oracle_in_any_order(LabelConflict conflict)
    {
        var target = Target(conflict);
        Prop.ForAll(Arb.From(Cases()), labels =>
        {
            var expected = conflict == LabelConflict.HighestPriority ? ByPriority(target, labels) : ByMajority(target, labels);
            return Decide(target, labels).Value.Equals(expected);
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData(LabelConflict.HighestPriority)]
    [InlineData(LabelConflict.Majority)]
    [InlineData(LabelConflict.First)]
    [InlineData(LabelConflict.Latest)]
    public void Deciding_step_by_step_comes_to_what_deciding_at_once_comes_to_and_one_label_stands(LabelConflict conflict)
    {
        var target = Target(conflict);
        Prop.ForAll(Arb.From(Cases()), labels =>
        {
            var history = LabelHistory.None;
            foreach (var label in Numbered(labels))
            {
                var decision = LabelDecision.Of(target, history, [label]);
                var merged = history.Labels.ToDictionary(l => l.Sequence);
                foreach (var written in decision.Written)
                    merged[written.Sequence] = written;
                history = new LabelHistory([.. merged.Values.OrderBy(l => l.Sequence)], true);
            }

            return history.Labels.Count(l => l.Verdict == LabelVerdict.Stands) == 1
                && history.Stands!.Sequence == LabelPolicy.Decide(target, Numbered(labels)).Sequence;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void The_first_source_may_set_itself_right_and_the_others_may_not()
    {
        var target = Target(LabelConflict.First);
        Assert.Equal(0, Decide(target, [Said("beta", 0, 1), Said("alpha", 1, 2)]).Value);
        Assert.Equal(1, Decide(target, [Said("beta", 0, 1), Said("alpha", 0, 2), Said("beta", 1, 3)]).Value);
        Assert.Equal(0, Decide(target, [Said("beta", 1, 1), Said(LabelSources.Correction, 0, 0)]).Value);
    }

    [Fact]
    public void An_outcome_that_is_restated_loses_its_earlier_voice()
    {
        var target = Target(LabelConflict.HighestPriority);
        var first = Said("alpha", 1, 1) with { OutcomeId = "o" };
        Assert.Equal(0, Decide(target, [first, Said("beta", 0, 1) with { OutcomeId = "o", Revision = 1 }]).Value);
    }

    [Fact]
    public void A_source_that_is_not_ranked_is_behind_all_or_refused()
    {
        var target = Target(LabelConflict.HighestPriority);
        Assert.Equal(1, Decide(target, [Said("gamma", 1, 1), Said("stranger", 0, 9)]).Value);
        Assert.Null(LabelPolicy.WhyNot(target, "stranger"));
        var strict = target with { RefuseUnknownSources = true };
        Assert.Contains("alpha, beta, gamma", LabelPolicy.WhyNot(strict, "stranger"), StringComparison.Ordinal);
        Assert.Null(LabelPolicy.WhyNot(strict, "beta"));
        Assert.Null(LabelPolicy.WhyNot(strict, LabelSources.Correction));
    }

    /// <summary>The labels as they came and shuffled: both must come to the same.</summary>
    private static LabelStatement Decide(TargetDefinition target, LabelStatement[] labels) => LabelPolicy.Decide(target, Numbered(labels));

    private static LabelStatement[] Numbered(LabelStatement[] labels) => [.. labels.Select((l, i) => l with { Sequence = i })];

    private static Gen<LabelStatement[]> Cases()
    {
        var label =
            from source in Gen.Elements(s_names)
            from value in Gen.Elements(0.0, 1.0)
            from revision in Gen.Choose(0, 2)
            select (source, value, revision);
        return
            from many in Gen.NonEmptyListOf(label)
            from order in Gen.Shuffle(Enumerable.Range(0, many.Count).ToArray())
                // Times of one source differ, as its words do; those of different sources may be equal.
            let all = many.Select((l, i) => Said(l.source, l.value, many.Take(i).Count(o => o.source == l.source)) with { OutcomeId = $"o{i}", Revision = l.revision }).ToArray()
            select order.Select(i => all[i]).ToArray();
    }

    private static double ByPriority(TargetDefinition target, LabelStatement[] labels) => Newest(labels)
        .OrderBy(l => LabelPolicy.PriorityOf(target, l.Source)).ThenBy(l => l.Time).ThenByDescending(l => l.Source, StringComparer.Ordinal).Last().Value;

    private static double ByMajority(TargetDefinition target, LabelStatement[] labels)
    {
        var votes = Newest(labels);
        if (votes.Find(v => v.Source == LabelSources.Correction) is { } correction)
            return correction.Value;
        var (yes, no) = (votes.Count(v => v.Value > 0.5), votes.Count(v => v.Value < 0.5));
        return yes == no ? ByPriority(target, labels) : yes > no ? 1 : 0;
    }

    private static List<LabelStatement> Newest(LabelStatement[] labels) =>
        [.. labels.GroupBy(l => l.Source).Select(g => g.OrderByDescending(l => l.Revision).ThenByDescending(l => l.Time).First())];

    private static LabelStatement Said(string source, double value, int minute) => new()
    {
        Sequence = 0,
        OutcomeId = $"{source}{minute}",
        Value = value,
        Source = source,
        Time = s_start.AddMinutes(minute),
        Received = s_start,
        Verdict = LabelVerdict.Kept,
    };

    private static TargetDefinition Target(LabelConflict conflict) => new()
    {
        Name = "y",
        Type = TargetType.Binary,
        Window = TimeSpan.FromHours(1),
        Sources = [new("alpha", 10), new("beta", 5), new("gamma", 5)],
        Conflict = conflict,
    };
}

using FsCheck;
using FsCheck.Fluent;
using static OrleansMl.Learning.Tests.Validation.ValidationRows;

namespace OrleansMl.Learning.Tests.Validation;

/// <summary>Columns that give the target away in one way each, and honest ones that do not.</summary>
public sealed class LeakageTests
{
    private static readonly Config s_config = Config.QuickThrowOnFailure.WithMaxTest(60);

    private static Gen<int> Seeds { get; } = Gen.Choose(0, int.MaxValue);

    [Fact]
    public void A_copy_of_the_target_leaks_in_whatever_order_and_scale()
        => Prop.ForAll((from seed in Seeds from scale in Gen.Choose(-500, 500) from count in Gen.Choose(100, 400) select (seed, scale, count)).ToArbitrary(), one =>
        {
            var targets = Coins(one.seed, one.count);
            var scale = one.scale == 0 ? 1 : one.scale;
            return Leaks(OfNumbers([.. targets.Select(target => (scale * target) + 3)], targets)) == "x";
        }).Check(s_config);

    [Fact]
    public void Noise_leaks_neither_as_a_number_nor_as_a_text_nor_as_an_id()
        => Prop.ForAll((from seed in Seeds from count in Gen.Choose(100, 600) from values in Gen.Choose(2, 50) select (seed, count, values)).ToArbitrary(), one =>
        {
            var random = new Random(one.seed);
            var texts = Enumerable.Range(0, one.count).Select(_ => (string?)$"v{random.Next(one.values)}").ToArray();
            var ids = Enumerable.Range(0, one.count).Select(row => (string?)$"id{row}").ToArray();
            var (classes, values) = (Coins(one.seed / 2, one.count), Uniform(one.seed / 2, one.count));
            return Leaks(OfNumbers(Uniform(one.seed, one.count), classes)) is null && Leaks(OfTexts(texts, classes)) is null && Leaks(OfTexts(ids, classes)) is null
                && Leaks(OfNumbers(Uniform(one.seed, one.count), values, [])) is null && Leaks(OfTexts(texts, values, [])) is null && Leaks(OfTexts(ids, values, [])) is null;
        }).Check(s_config);

    [Fact]
    public void A_column_that_tells_the_class_by_both_ends_leaks()
    {
        var x = Uniform(5, 2000);
        Assert.Equal("x", Leaks(OfNumbers(x, [.. x.Select(value => Math.Abs(value) > 0.5 ? 1.0 : 0.0)])));
    }

    [Fact]
    public void That_a_value_is_missing_may_be_the_leak()
    {
        var targets = Coins(3, 500);
        var x = Uniform(4, 500);
        for (var row = 0; row < x.Length; row++)
            x[row] = targets[row] == 1 ? x[row] : double.NaN;
        Assert.Equal("x", Leaks(OfNumbers(x, targets)));
    }

    [Fact]
    public void A_text_that_names_the_class_leaks_and_one_that_only_leans_to_it_does_not()
    {
        var targets = Coins(3, 500);
        Assert.Equal("t", Leaks(OfTexts([.. targets.Select((target, row) => target == 1 ? $"won{row % 7}" : $"lost{row % 7}")], targets)));
        Assert.Null(Leaks(OfTexts([.. targets.Select((target, row) => row % 10 == 0 ? "won" : target == 1 ? "won" : "lost")], targets)));
    }

    [Fact]
    public void Of_several_classes_all_must_be_told()
    {
        var random = new Random(8);
        var targets = Enumerable.Range(0, 600).Select(_ => (double)random.Next(3)).ToArray();
        Assert.Equal("t", Leaks(OfTexts([.. targets.Select(target => $"c{target}")], targets, ["A", "B", "C"])));
        Assert.Null(Leaks(OfTexts([.. targets.Select(target => target == 0 ? "c0" : "other")], targets, ["A", "B", "C"])));
    }

    [Fact]
    public void A_value_is_told_by_a_line_by_an_order_and_by_bins()
    {
        var x = Uniform(5, 1000);
        Assert.Equal("x", Leaks(OfNumbers(x, [.. x.Select(value => (3 * value) - 1)], [])));
        Assert.Equal("x", Leaks(OfNumbers(x, [.. x.Select(value => Math.Exp(20 * value))], [])));
        Assert.Equal("x", Leaks(OfNumbers(x, [.. x.Select(value => value * value)], [])));

        // R² of 0.9 is a good feature.
        var noise = Uniform(6, 1000);
        Assert.Null(Leaks(OfNumbers(x, [.. x.Select((value, row) => value + (noise[row] / 3))], [])));
    }

    [Fact]
    public void The_figure_of_a_leak_is_the_area_under_the_curve()
    {
        // 100 rows, ten of them positive with the highest values but one: 9 × 90 + 89 of 900 pairs are in order.
        var x = Enumerable.Range(0, 100).Select(row => (double)row).ToArray();
        var targets = x.Select(value => value >= 90 ? 1.0 : 0).ToArray();
        (targets[89], targets[90]) = (1, 0);
        var finding = Assert.Single(DataValidation.Check(OfNumbers(x, targets)).Findings);
        Assert.Equal((DataChecks.Leakage, FindingSeverity.Error), (finding.Check, finding.Severity));
        Assert.Equal(899.0 / 900, finding.Value, 1e-12);
        Assert.StartsWith("Column 'x' alone tells target 'up' with an area under the ROC curve of 0.9989, over the limit of 0.995", finding.Detail, StringComparison.Ordinal);
        Assert.Empty(DataValidation.Check(OfNumbers(x, targets), new DataValidationOptions { Leakage = 0.999 }).Findings);
    }

    [Fact]
    public void With_a_handful_of_a_class_nothing_is_said()
    {
        var targets = new double[500];
        var x = Uniform(4, 500);
        for (var row = 0; row < 9; row++)
            (targets[row], x[row]) = (1, 2 + row);
        Assert.Null(Leaks(OfNumbers(x, targets)));
    }

    private static string? Leaks(ValidatedData data) => DataValidation.Check(data).Findings.SingleOrDefault(finding => finding.Check == DataChecks.Leakage)?.Column;
}

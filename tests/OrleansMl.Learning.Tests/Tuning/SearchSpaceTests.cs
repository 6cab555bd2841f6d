using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;

namespace OrleansMl.Learning.Tests.Tuning;

public sealed class SearchSpaceTests
{
    private static readonly TrainerKind s_kind = TrainerFactory.Find("logistic_regression")!;

    [Fact]
    public void The_first_set_takes_the_defaults_where_their_ranges_hold_them()
    {
        var rate = s_kind.Parameters(2).First(parameter => parameter.Name == "learningRate");
        var space = Space(("learningRate", SearchRange.LogUniform(1e-3, 10)), ("epochs", SearchRange.Integer(5, 50)));
        var first = space.Draw(3, 1)[0];
        Assert.Equal(rate.Default, first["learningRate"]);
        Assert.InRange((double)first["epochs"], 5, 50);
    }

    [Fact]
    public void Sets_lie_in_their_ranges_differ_and_come_again_for_the_seed()
    {
        var cases = from seed in Gen.Choose(int.MinValue, int.MaxValue) from size in Gen.Choose(1, 40) select (seed, size);
        Prop.ForAll(cases.ToArbitrary(), one => Holds(one.seed, one.size)).Check(Config.QuickThrowOnFailure.WithMaxTest(100));
    }

    private static bool Holds(long seed, int count)
    {
        var space = Space(("learningRate", SearchRange.LogUniform(1e-4, 1)), ("epochs", SearchRange.Integer(2, 9)), ("adaptive", SearchRange.Choice(true, false)));
        var sets = space.Draw(seed, count);
        var longer = space.Draw(seed, count + 5);
        return sets.Length == count
            && sets.All(set => space.Ranges.All(range => range.Value.Holds(set[range.Key])))
            && sets.Select(Text).Distinct().Count() == count
            && sets.Select(Text).SequenceEqual(longer.Take(count).Select(Text));
    }

    [Fact]
    public void A_space_of_few_choices_is_drawn_once()
    {
        var space = Space(("adaptive", SearchRange.Choice(true, false)), ("epochs", SearchRange.Choice(1, 2, 3)));
        Assert.Equal(6, space.Draw(1, 50).Length);
    }

    [Fact]
    public void A_logarithmic_range_is_drawn_evenly_over_the_orders_of_magnitude()
    {
        var drawn = Space(("learningRate", SearchRange.LogUniform(1e-4, 1))).Draw(5, 2000).Select(set => (double)set["learningRate"]).ToArray();
        for (var decade = -4; decade < 0; decade++)
            Assert.InRange(drawn.Count(rate => rate >= Math.Pow(10, decade) && rate < Math.Pow(10, decade + 1)), 420, 580);
    }

    [Fact]
    public void Numbers_given_as_any_type_are_the_same_set()
    {
        var space = SearchSpace.Create(s_kind, 2, Ranges(("learningRate", SearchRange.Uniform(0.1, 1))), new Dictionary<string, object> { ["epochs"] = 3 });
        Assert.Equal(3.0, space.Draw(1, 1)[0]["epochs"]);
    }

    public static TheoryData<string, string> Faults => new()
    {
        { "empty", "The space to search is empty; give a range for at least one parameter of logistic_regression (epochs, " },
        { "unknown", "logistic_regression has no parameter 'rate' to search for (available: epochs, " },
        { "both", "Parameter 'epochs' of logistic_regression is given and searched for; keep one of the two." },
        { "kind", "Parameter 'epochs' of logistic_regression is a whole number in [1, 1000] and cannot be searched for as log; use int or choices." },
        { "flag", "Parameter 'adaptive' of logistic_regression is true or false and cannot be searched for as uniform; use choices." },
        { "bounds", "Parameter 'epochs' of logistic_regression is searched for at 1001; it must be a whole number in [1, 1000]." },
        { "choice", "Parameter 'adaptive' of logistic_regression is searched for at 1; it must be true or false." },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_space_that_does_not_fit_the_trainer_is_refused_by_name(string what, string words)
    {
        var (ranges, given) = what switch
        {
            "empty" => (Ranges(), null),
            "unknown" => (Ranges(("rate", SearchRange.Uniform(0, 1))), null),
            "both" => (Ranges(("epochs", SearchRange.Integer(1, 5))), new Dictionary<string, object> { ["epochs"] = 2 }),
            "kind" => (Ranges(("epochs", SearchRange.LogUniform(1, 5))), null),
            "flag" => (Ranges(("adaptive", SearchRange.Uniform(0, 1))), null),
            "bounds" => (Ranges(("epochs", SearchRange.Integer(1, 1001))), null),
            _ => (Ranges(("adaptive", SearchRange.Choice(1))), (Dictionary<string, object>?)null),
        };
        Assert.StartsWith(words, Assert.Throws<LearnerException>(() => SearchSpace.Create(s_kind, 2, ranges, given)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Ranges_say_what_is_wrong_with_them()
    {
        Assert.Equal("A range goes from 1 to 1; give two finite bounds, the least and then the greatest.", Thrown(() => SearchRange.Uniform(1, 1)));
        Assert.Equal("A range goes from 0 to NaN; give two finite bounds, the least and then the greatest.", Thrown(() => SearchRange.Uniform(0, double.NaN)));
        Assert.Equal("A logarithmic range begins at 0; it must begin above 0, or be uniform.", Thrown(() => SearchRange.LogUniform(0, 1)));
        Assert.Equal("A range of whole numbers has the bounds 0.5 and 3; give whole ones.", Thrown(() => SearchRange.Integer(0.5, 3)));
        Assert.Equal("There is nothing to choose from; give at least one value.", Thrown(() => SearchRange.Choice()));
        Assert.Equal("A choice is given twice (1, 1); keep one.", Thrown(() => SearchRange.Choice(1, 1.0)));

        static string Thrown(Action make) => Assert.Throws<LearnerException>(make).Message;
    }

    internal static Dictionary<string, SearchRange> Ranges(params (string Name, SearchRange Range)[] ranges) => ranges.ToDictionary(range => range.Name, range => range.Range);

    private static SearchSpace Space(params (string Name, SearchRange Range)[] ranges) => SearchSpace.Create(s_kind, 2, Ranges(ranges));

    private static string Text(ImmutableSortedDictionary<string, object> set) => string.Join(';', set.Select(entry => FormattableString.Invariant($"{entry.Key}={entry.Value}")));
}

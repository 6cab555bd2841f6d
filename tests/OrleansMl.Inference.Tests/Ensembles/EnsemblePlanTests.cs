using static OrleansMl.Inference.Tests.Ensembles.Steps;

namespace OrleansMl.Inference.Tests.Ensembles;

public sealed class EnsemblePlanTests
{
    [Fact]
    public void Steps_wait_for_those_whose_tensors_they_read_wherever_they_stand()
    {
        var plan = Plan(Ensemble("a", "d", Average("b c", "d"), Model("right", "x=a", "y=c"), Model("left", "x=a", "y=b")));
        Assert.Equal([1, 2], plan.Before[0].AsEnumerable());
        Assert.Empty(plan.Before[1]);
        Assert.Equal([0], plan.After[2].AsEnumerable());
        Assert.Equal([1, 2, 0], plan.Order.AsEnumerable());
    }

    [Fact]
    public void Only_the_steps_that_an_output_needs_are_needed()
    {
        var plan = Plan(Ensemble("a", "b c", Model("first", "x=a", "y=t"), Model("b", "x=t", "y=b"), Model("c", "x=a", "y=c")));
        Assert.Equal([true, true, false], plan.NeededFor(["b"]));
        Assert.Equal([false, false, true], plan.NeededFor(["c"]));
        Assert.Equal([true, true, true], plan.NeededFor(["b", "c"]));
    }

    public static TheoryData<EnsembleDefinition, string[]> Faults => new()
    {
        { Ensemble("a", "b"), ["0 steps"] },
        { Ensemble("", "b", Model("m", "x=a", "y=b")), ["no input"] },
        { Ensemble("a", "", Model("m", "x=a", "y=b")), ["no output"] },
        { Ensemble("a a", "b", Model("m", "x=a", "y=b")), ["input 'a'", "twice"] },
        { Ensemble("a", "b", Model("", "x=a", "y=b")), ["step 1", "names no model"] },
        { Ensemble("a", "b", Model("m", "", "y=b")), ["step 1 (model 'm')", "input_map"] },
        { Ensemble("a", "b", Model("m", "x=a", "")), ["output_map"] },
        { Ensemble("a", "b", Model("m", "x=a", "y=b"), Model("n", "x=a", "y=b")), ["'b' is written twice", "step 1 (model 'm')", "step 2 (model 'n')"] },
        { Ensemble("a", "b", Model("m", "x=a", "y=b z=b")), ["'b' is written twice"] },
        { Ensemble("a", "b", Model("m", "x=a", "y=b z=a")), ["'a'", "input of the ensemble"] },
        { Ensemble("a", "b", Model("m", "x=a z=missing", "y=b")), ["step 1 (model 'm') reads 'missing'", "'a', 'b'"] },
        { Ensemble("a", "b c", Model("m", "x=a", "y=b")), ["output 'c'", "no step"] },
        { Ensemble("a", "a", Model("m", "x=a", "y=b")), ["output 'a'"] },
        { Ensemble("a c", "b", Model("m", "x=a", "y=b")), ["input 'c' is read by no step"] },
        { Ensemble("a", "b", Model("m", "x=a", "y=b"), Model("n", "x=a", "y=c")), ["step 2 (model 'n') leads to no output"] },
        { Ensemble("a", "b", Model("m", "x=a z=c", "y=b"), Model("n", "x=b", "y=c")), ["step 1 (model 'm') → step 2 (model 'n') → step 1 (model 'm')"] },
        { Ensemble("a", "c", Model("self", "x=a z=b", "y=b"), Model("n", "x=b", "y=c")), ["step 1 (model 'self') → step 1 (model 'self')"] },
        { Ensemble("a", "b", Average("a a", "b", 1)), ["step 1 (average)", "1 weights for 2"] },
        { Ensemble("a", "b", Average("a a", "b", 1, -0.5)), ["-0.5"] },
        { Ensemble("a", "b", Average("a a", "b", 0, 0)), ["add up to 0"] },
        { Ensemble("a", "b", Vote("a a", "b", double.NaN, 1)), ["step 1 (vote)", "NaN"] },
        { Ensemble("a", "b", Vote("a", "")), ["output is missing"] },
        { Ensemble("a", "b", new SwitchStep("a", [], Call("m", "x=a", "y=b"))), ["step 1 (switch on 'a')", "no case"] },
        { Ensemble("a", "b", new SwitchStep("a", [Case("", Call("m", "x=a", "y=b"))], null)), ["no value"] },
        { Ensemble("a", "b", new SwitchStep("a", [Case("u v", Call("m", "x=a", "y=b")), Case("v", Call("n", "x=a", "y=b"))], null)), ["'v' has two cases"] },
        { Ensemble("a", "b", new SwitchStep("a", [Case("u", Call("m", "x=a", "y=b z=c")), Case("v", Call("n", "x=a", "y=b"))], null)), ["'n' does not write 'c'"] },
        { Ensemble("a", "b", new SwitchStep("a", [Case("u", Call("m", "x=a", "y=b"))], Call("n", "x=a", "y=b z=c"))), ["'m' does not write 'c'"] },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_graph_that_cannot_run_is_refused_with_the_step_and_the_tensor(EnsembleDefinition definition, string[] words)
    {
        Assert.False(EnsemblePlan.TryMake(definition, out var plan, out var fault));
        Assert.Null(plan);
        Assert.All(words, word => Assert.Contains(word, fault, StringComparison.Ordinal));
    }

    [Fact]
    public void A_switch_waits_for_what_any_of_its_branches_reads()
    {
        var plan = Plan(Ensemble("a", "d",
            Model("left", "x=a", "y=b"), Model("right", "x=a", "y=c"),
            new SwitchStep("a", [Case("1", Call("m", "x=b", "y=d"))], Call("n", "x=c", "y=d"))));
        Assert.Equal([0, 1], plan.Before[2].AsEnumerable());
    }

    [Fact]
    public void As_many_steps_as_the_limit_are_planned_and_one_more_is_refused()
    {
        var steps = Enumerable.Range(0, EnsembleDefinition.MaxSteps + 1).Select(i => (EnsembleStep)Model("m", $"x={(i == 0 ? "a" : $"t{i - 1}")}", $"y=t{i}")).ToArray();
        Assert.True(EnsemblePlan.TryMake(Ensemble("a", $"t{EnsembleDefinition.MaxSteps - 1}", steps[..^1]), out _, out _));
        Assert.False(EnsemblePlan.TryMake(Ensemble("a", $"t{EnsembleDefinition.MaxSteps}", steps), out _, out var fault));
        Assert.Contains("1 to 256", fault, StringComparison.Ordinal);
    }
}

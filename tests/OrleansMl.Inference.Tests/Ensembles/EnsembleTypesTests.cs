using static OrleansMl.Inference.Tests.Ensembles.Steps;

namespace OrleansMl.Inference.Tests.Ensembles;

public sealed class EnsembleTypesTests
{
    /// <summary>x [-1,3] floats → y [-1,2] floats, label [-1] INT64, text BYTES [-1].</summary>
    private static readonly StepModel Classifier = new([Floats("x", -1, 3)], [Floats("y", -1, 2), Of(TensorType.Int64, "label", -1), Of(TensorType.Bytes, "text", -1)], null);

    private static EnsembleDefinition Of3(string outputs, long width, params EnsembleStep[] steps) =>
        new(8, [Floats("a", -1, 3)], [.. outputs.Split(' ').Select(o => Floats(o, -1, width))], [.. steps]);

    [Fact]
    public void Tensors_that_fit_are_taken()
    {
        Assert.Null(WhyNot(Of3("p", 2, Model("m", "x=a", "y=u"), Model("n", "x=a", "y=v"), Average("u v", "p"))));
        Assert.Null(WhyNot(Of3("p", -1, Model("m", "x=a", "y=p"))));
        Assert.Null(WhyNot(new EnsembleDefinition(8, [Floats("a", -1, 3)], [Of(TensorType.Bytes, "t", -1)], [Model("m", "x=a", "text=u"), Model("n", "x=a", "text=v"), Vote("u v u", "t")])));
        Assert.Null(WhyNot(new EnsembleDefinition(8, [Floats("a", -1, 3), Of(TensorType.Int64, "k", 1)], [Floats("p", -1, 2)], [new SwitchStep("k", [Case("0 -1", Call("m", "x=a", "y=p"))], Call("n", "x=a", "y=p"))])));
    }

    public static TheoryData<EnsembleDefinition, string[]> Faults => new()
    {
        { Of3("p", 2, Model("m", "z=a", "y=p")), ["step 1 (model 'm')", "input 'x' of model 'm' is missing"] },
        { Of3("p", 2, Model("m", "x=a z=a", "y=p")), ["no input 'z'", "'x'"] },
        { Of3("p", 2, Model("m", "x=a", "q=p")), ["no output 'q'", "'y', 'label', 'text'"] },
        { Of3("p", 2, Model("m", "x=a", "y=b"), Model("n", "x=b", "y=p")), ["step 2 (model 'n')", "FP32 [-1,3]", "tensor 'b' is FP32 [-1,2], by step 1 (model 'm')"] },
        { Of3("p", 2, Model("m", "x=a", "label=b"), Model("n", "x=b", "y=p")), ["tensor 'b' is INT64"] },
        { Of3("p", 4, Model("m", "x=a", "y=p")), ["output 'p' is FP32 [-1,4]", "FP32 [-1,2]"] },
        { Of3("p", 2, Model("m", "x=a", "y=u label=v"), Average("u v", "p")), ["step 2 (average)", "'v' is INT64", "'u' FP32 [-1,2]"] },
        { Of3("p", 2, Model("m", "x=a", "label=v"), Average("v v", "p")), ["'v' is INT64", "FP32"] },
        { Of3("p", 2, Model("m", "x=a", "y=v"), Vote("v v", "p")), ["'v' is FP32", "labels"] },
        { Of3("p", 2, new SwitchStep("a", [Case("1", Call("m", "x=a", "y=p"))], null)), ["tensor 'a' is FP32", "whole numbers"] },
        { Of3("p", 2, Model("m", "x=a", "label=k"), new SwitchStep("k", [Case("01", Call("m", "x=a", "y=p"))], null)), ["'01'", "INT64"] },
        { Of3("p", 2, Model("m", "x=a", "text=k"), new SwitchStep("k", [Case("u", Call("m", "x=a", "y=p")), Case("v", Call("m", "x=a", "label=p"))], null)), ["'p' as INT64", "FP32"] },
        { Of3("p", 2, Model("small", "x=a", "y=p")), ["max_batch_size 4", "the ensemble 8"] },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void What_does_not_fit_is_named_with_both_sides(EnsembleDefinition definition, string[] words)
    {
        var why = WhyNot(definition);
        Assert.All(words, word => Assert.Contains(word, why, StringComparison.Ordinal));
    }

    [Fact]
    public void Branches_of_other_shapes_leave_the_dimension_open()
    {
        var wide = Classifier with { Outputs = [Floats("y", -1, 5)] };
        var plan = Plan(new EnsembleDefinition(0, [Floats("a", -1, 3), Of(TensorType.Bytes, "k", 1)], [Floats("p", -1, -1)],
            [new SwitchStep("k", [Case("u", Call("m", "x=a", "y=p"))], Call("wide", "x=a", "y=p"))]));
        Assert.Null(EnsembleTypes.WhyNot(plan, call => call.Model == "wide" ? wide : Classifier));
    }

    private static string? WhyNot(EnsembleDefinition definition) => EnsembleTypes.WhyNot(Plan(definition), call => call.Model == "small" ? Classifier with { MaxBatchSize = 4 } : Classifier);
}

namespace OrleansMl.Inference.Tests.Conformance;

/// <summary>ONNX's operator cases through our tensors and <see cref="OnnxModel.Run"/>.</summary>
public class NodeConformanceTests
{
    public static TheoryData<string> Runnable => [.. NodeCaseNames.All.Where(n => !RuntimeLimits.Reasons.ContainsKey(n))];

    public static TheoryData<string> Limited => [.. RuntimeLimits.Reasons.Keys];

    [SkippableTheory]
    [MemberData(nameof(Runnable))]
    public void An_operator_gives_the_outputs_of_its_case(string name) =>
        Assert.True(NodeCase.All[name].RunAndCompare() > 0, "nothing was compared");

    [SkippableTheory]
    [MemberData(nameof(Limited))]
    public void A_case_that_the_runtime_cannot_run_fails_with_its_reason(string name)
    {
        var model = NodeCase.All[name].Model;
        var exception = Assert.Throws<ModelLoadException>(() => OnnxModel.Load(model));
        Assert.Equal(InspectCodes.LoadFailed, exception.Code);
        Assert.Contains(RuntimeLimits.Reasons[name], exception.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void No_case_of_the_archive_is_left_out()
    {
        Assert.Equal(NodeCase.All.Keys, NodeCaseNames.All);
        Assert.Equal(262, NodeCaseNames.All.Length);
        Assert.All(RuntimeLimits.Reasons.Keys, name => Assert.Contains(name, NodeCaseNames.All));
    }
}

using DataType = OrleansMl.Inference.Onnx.TensorProto.Types.DataType;

namespace OrleansMl.Inference.Tests.Runtime;

public sealed class WarmUpTests
{
    [Fact]
    public void A_batch_that_is_larger_than_any_request_may_be_is_not_made_up()
    {
        using var model = OnnxModel.Load(Graphs.Identity(DataType.Float, "n", 1024));
        var steps = WarmUp.Run(model, [1, 1 << 20, int.MaxValue], TimeProvider.System);
        Assert.Null(steps[0].Failure);
        Assert.All(steps.Skip(1), s => Assert.Contains("take more than 256 MiB", s.Failure, StringComparison.Ordinal));
    }
}

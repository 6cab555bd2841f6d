namespace OrleansMl.Inference.Tests.Conformance;

/// <summary>
/// When two tensors are the same: type, shape, and every value. Floating-point values may differ as ONNX's own backend
/// tests allow, |actual − expected| ≤ 1e-7 + 1e-3·|expected| (onnx/onnx, onnx/backend/test/loader/__init__.py, the
/// defaults of rtol and atol; runner/__init__.py, numpy's assert_allclose); all other types not at all.
/// </summary>
internal static class Closeness
{
    public const double Relative = 1e-3;
    public const double Absolute = 1e-7;

    public static void AssertSame(Tensor expected, Tensor actual, double absolute = Absolute, double relative = Relative)
    {
        Assert.Equal(expected.Type, actual.Type);
        Assert.Equal(expected.Shape.ToArray(), actual.Shape.ToArray());
        switch (expected.Type)
        {
            case TensorType.Bytes:
                Assert.Equal(expected.Elements.ToArray().Select(e => e.ToArray()), actual.Elements.ToArray().Select(e => e.ToArray()));
                break;
            case TensorType.Fp16 or TensorType.Bf16 or TensorType.Fp32 or TensorType.Fp64:
                AssertClose(expected.Numbers(), actual.Numbers(), absolute, relative);
                break;
            default:
                Assert.Equal(expected.Data.ToArray(), actual.Data.ToArray());
                break;
        }
    }

    public static void AssertClose(double[] expected, double[] actual, double absolute = Absolute, double relative = Relative)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            // Equal infinities have no difference, and a NaN is expected as such.
            if (expected[i].Equals(actual[i]))
                continue;
            Assert.True(Math.Abs(actual[i] - expected[i]) <= absolute + (relative * Math.Abs(expected[i])), $"element {i}: {actual[i]}, not {expected[i]}");
        }
    }
}

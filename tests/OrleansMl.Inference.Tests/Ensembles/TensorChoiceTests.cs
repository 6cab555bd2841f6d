using System.Runtime.InteropServices;
using System.Text;
using static OrleansMl.Inference.Tests.Ensembles.Steps;

namespace OrleansMl.Inference.Tests.Ensembles;

public sealed class TensorChoiceTests
{
    private static readonly SwitchStep Closed = new("k", [Case("de at", Call("german", "x=a", "y=b")), Case("-7 true", Call("other", "x=a", "y=b"))], null);

    [Fact]
    public void The_value_says_which_model_runs()
    {
        Assert.Equal("german", TensorChoice.Of(Closed, Words("at", "at")).Model);
        Assert.Equal("other", TensorChoice.Of(Closed, Numbers(TensorType.Int64, -7L)).Model);
        Assert.Equal("other", TensorChoice.Of(Closed, Numbers(TensorType.Int8, (sbyte)-7)).Model);
        Assert.Equal("other", TensorChoice.Of(Closed, Numbers(TensorType.Bool, (byte)1)).Model);
        Assert.Equal("rest", TensorChoice.Of(Closed with { Default = Call("rest", "x=a", "y=b") }, Words("fr")).Model);
    }

    [Fact]
    public void A_value_without_a_case_is_named_and_so_are_the_cases()
    {
        Assert.Equal("Tensor 'k' is 'fr', which has no case (there are 'de', 'at', '-7', 'true') and there is no default; send one of these.", Refusal(Words("fr")));
        Assert.Contains("'18446744073709551615'", Refusal(Numbers(TensorType.UInt64, ulong.MaxValue)), StringComparison.Ordinal);
        Assert.Contains(new string('x', 64) + "…'", Refusal(Words(new string('x', 10_000))), StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_that_would_go_different_ways_and_no_rows_are_refused()
    {
        Assert.Contains("both 'de' and 'at'", Refusal(Words("de", "at")), StringComparison.Ordinal);
        Assert.Contains("no element", Refusal(Words()), StringComparison.Ordinal);
        Assert.Contains("FP32", Refusal(Numbers(TensorType.Fp32, 1f)), StringComparison.Ordinal);
    }

    private static string Refusal(Tensor tensor) => Assert.Throws<InferenceInputException>(() => TensorChoice.Of(Closed, tensor)).Message;

    private static Tensor Words(params string[] words) => new("k", new long[] { words.Length }, Array.ConvertAll(words, w => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(w)));

    private static Tensor Numbers<T>(TensorType type, params T[] values)
        where T : unmanaged => new("k", type, new long[] { values.Length }, MemoryMarshal.AsBytes<T>(values).ToArray());
}

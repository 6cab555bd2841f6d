using System.Runtime.InteropServices;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using static OrleansMl.Inference.Tests.Ensembles.Steps;

namespace OrleansMl.Inference.Tests.Ensembles;

public sealed class CombinationTests
{
    [Fact]
    public void An_average_is_the_mean_by_weight_of_each_element()
    {
        var mean = Combination.Run(Average("a b", "p"), [Singles(1, 2, 4), Singles(3, 2, 0)]);
        Assert.Equal(("p", TensorType.Fp32), (mean.Name, mean.Type));
        Assert.Equal([3L, 1], mean.Shape.ToArray());
        Assert.Equal([2f, 2, 2], Read<float>(mean));
        Assert.Equal([1.5f, 2, 3], Read<float>(Combination.Run(Average("a b", "p", 3, 1), [Singles(1, 2, 4), Singles(3, 2, 0)])));
        Assert.Equal([0.2], Read<double>(Combination.Run(Average("a b", "p"), [Doubles(0.1), Doubles(0.3)])));
        Assert.Equal([(Half)1.5], Read<Half>(Combination.Run(Average("a b", "p"), [Halves(1), Halves(2)])));
    }

    [Fact]
    public void Weight_0_takes_an_input_out_even_where_it_is_no_number()
    {
        Assert.Equal([5f], Read<float>(Combination.Run(Average("a b", "p", 0, 2), [Singles(float.NaN), Singles(5)])));
        Assert.True(float.IsNaN(Read<float>(Combination.Run(Average("a b", "p"), [Singles(float.NaN), Singles(5)]))[0]));
    }

    [Fact]
    public void Large_numbers_do_not_overflow_on_the_way_to_their_mean() =>
        Assert.Equal([float.MaxValue], Read<float>(Combination.Run(Average("a b", "p"), [Singles(float.MaxValue), Singles(float.MaxValue)])));

    [Fact]
    public void The_label_with_most_votes_wins_and_of_equally_many_the_first()
    {
        Assert.Equal([7L, 1, 3], Read<long>(Combination.Run(Vote("a b c", "l"), [Longs(1, 1, 3), Longs(7, 2, 2), Longs(7, 3, 1)])));
        Assert.Equal(["b", "a"], Texts(Combination.Run(Vote("a b c", "l"), [Words("b", "a"), Words("a", "b"), Words("b", "")])));
    }

    [Fact]
    public void Votes_count_by_weight_and_rounding_breaks_no_tie()
    {
        Assert.Equal([1L], Read<long>(Combination.Run(Vote("a b c", "l", 3, 1, 1), [Longs(1), Longs(2), Longs(2)])));
        // 0.1 + 0.2 is above 0.3 by the last bit only.
        Assert.Equal([9L], Read<long>(Combination.Run(Vote("a b c", "l", 0.3, 0.1, 0.2), [Longs(9), Longs(5), Longs(5)])));
    }

    [Fact]
    public void A_vote_equals_a_count_of_labels()
    {
        var labels = Gen.Choose(0, 3).Select(l => (long)l);
        Prop.ForAll(labels.ArrayOf(5).ArrayOf().Where(v => v.Length is > 0 and < 9).ToArbitrary(), voters =>
        {
            var voted = Read<long>(Combination.Run(Vote(string.Join(' ', voters.Select((_, i) => $"v{i}")), "l"), [.. voters.Select(v => Longs(v))]));
            for (var e = 0; e < 5; e++)
            {
                var votes = voters.Select(v => v[e]).ToArray();
                var most = votes.GroupBy(v => v).Max(g => g.Count());
                Assert.Equal(votes.First(v => votes.Count(w => w == v) == most), voted[e]);
            }
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Tensors_that_differ_in_shape_or_type_are_named()
    {
        var shapes = Assert.Throws<InferenceInputException>(() => Combination.Run(Average("a b", "p"), [Singles(1), Singles(1, 2)]));
        Assert.Equal("Tensor 'b' is FP32 [2,1] and 'a' FP32 [1,1]; average takes tensors of one type and shape.", shapes.Message);
        Assert.Contains("INT64", Assert.Throws<InferenceInputException>(() => Combination.Run(Average("a b", "p"), [Longs(1), Longs(2)])).Message, StringComparison.Ordinal);
        Assert.Contains("labels", Assert.Throws<InferenceInputException>(() => Combination.Run(Vote("a b", "p"), [Singles(1), Singles(1)])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Results_lie_on_memory_of_their_own()
    {
        var word = "a"u8.ToArray();
        var voted = Combination.Run(Vote("a", "l"), [new Tensor("a", new long[] { 1 }, new ReadOnlyMemory<byte>[] { word })]);
        word[0] = (byte)'z';
        Assert.Equal(["a"], Texts(voted));
    }

    private static Tensor Singles(params float[] values) => Make(TensorType.Fp32, values);

    private static Tensor Doubles(params double[] values) => Make(TensorType.Fp64, values);

    private static Tensor Halves(params float[] values) => Make(TensorType.Fp16, Array.ConvertAll(values, v => (Half)v));

    private static Tensor Longs(params long[] values) => Make(TensorType.Int64, values);

    private static Tensor Words(params string[] words) => new("w", new long[] { words.Length }, Array.ConvertAll(words, w => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(w)));

    private static Tensor Make<T>(TensorType type, T[] values)
        where T : unmanaged => new("t", type, new long[] { values.Length, 1 }, MemoryMarshal.AsBytes<T>(values).ToArray());

    private static T[] Read<T>(Tensor tensor)
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(tensor.Data.Span).ToArray();

    private static IEnumerable<string> Texts(Tensor tensor) => tensor.Elements.ToArray().Select(e => Encoding.UTF8.GetString(e.Span));
}

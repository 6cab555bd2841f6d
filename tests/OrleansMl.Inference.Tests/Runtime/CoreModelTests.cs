using OrleansMl.Inference.Onnx;
using DataType = OrleansMl.Inference.Onnx.TensorProto.Types.DataType;

namespace OrleansMl.Inference.Tests.Runtime;

public class CoreModelTests
{
    private static readonly float[] s_weights = [0.5f, -1f];
    private static readonly float[] s_table = [0.25f, -0.75f, 2f];

    [Fact]
    public void A_row_scores_what_the_formula_says_with_any_number_of_hashed_features()
    {
        using var core = CoreModel.Load(Graphs.HashedClassifier(s_weights, s_table));
        Assert.Equal((2, true, -1L, 2, true), (core.FeatureCount, core.IsHashed, core.HashedCount, core.OutputWidth, core.IsClassifier));
        Assert.Equal(Expected([1, 2], [0, 2], [1, 3]), core.Score([1, 2], [0, 2], [1, 3]), 1e-6f);
        Assert.Equal(Expected([3, -1], [1], [0.5f]), core.Score([3, -1], [1], [0.5f]), 1e-6f);
        Assert.Equal(Expected([3, -1], [], []), core.Score([3, -1]), 1e-6f);
        Assert.Equal(Expected([1, 2], [0, 2], [1, 3]), core.Score([1, 2], [0, 2], [1, 3]), 1e-6f);
    }

    [Fact]
    public void A_batch_agrees_with_its_rows_one_by_one()
    {
        using var core = CoreModel.Load(Graphs.HashedClassifier(s_weights, s_table));
        var random = new Random(5);
        foreach (var rows in new[] { 0, 1, 2, 7, 64, 7 })
        {
            float[] features = [.. Enumerable.Range(0, rows * 2).Select(_ => random.NextSingle() - 0.5f)];
            long[] indices = [.. Enumerable.Range(0, rows * 3).Select(_ => (long)random.Next(3))];
            float[] values = [.. Enumerable.Range(0, rows * 3).Select(_ => random.NextSingle())];
            var output = new float[rows * 2];
            core.ScoreRows(rows, features, indices, values, output);
            for (var r = 0; r < rows; r++)
            {
                var alone = core.Score(features.AsSpan(2 * r, 2), indices.AsSpan(3 * r, 3), values.AsSpan(3 * r, 3));
                Assert.Equal(alone, output[(2 * r) + 1], 1e-5f);
                Assert.Equal(1f, output[2 * r] + output[(2 * r) + 1], 1e-5f);
            }
        }
    }

    [Fact]
    public void A_number_is_given_as_it_is()
    {
        using var core = CoreModel.Load(Graphs.Regressor(2, 3));
        Assert.Equal((1, false), (core.OutputWidth, core.IsClassifier));
        Assert.Equal(8f, core.Score([1, 2]));
    }

    [Fact]
    public void Threads_do_not_share_a_row()
    {
        using var core = CoreModel.Load(Graphs.Regressor(2, 3));
        Parallel.For(0, 20_000, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i => Assert.Equal((2f * i) + 3, core.Score([i, 1])));
    }

    [Fact]
    public void Scoring_a_row_again_allocates_nothing()
    {
        using var core = CoreModel.Load(Graphs.HashedClassifier(s_weights, s_table));
        for (var i = 0; i < 50; i++)
            core.Score([1, 2], [0, 2], [1, 3]);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
            core.Score([1, 2], [0, 2], [1, 3]);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100 * 16);
    }

    [Fact]
    public void Wrong_lengths_are_refused_with_both_numbers()
    {
        using var core = CoreModel.Load(Graphs.Regressor(2, 3));
        Assert.Equal("1 rows of 2 features take 2 numbers, not 3.", Assert.Throws<InferenceInputException>(() => core.Score([1, 2, 3])).Message);
        Assert.Equal("The model takes no hashed features, 1 were sent; send none.", Assert.Throws<InferenceInputException>(() => core.Score([1, 2], [1], [1])).Message);

        using var hashed = CoreModel.Load(Graphs.HashedClassifier(s_weights, s_table));
        Assert.Throws<InferenceInputException>(() => hashed.Score([1, 2], [1], [1, 2]));
        Assert.Throws<InferenceInputException>(() => hashed.ScoreRows(2, new float[4], new long[3], new float[3], new float[4]));
        Assert.Throws<InferenceInputException>(() => hashed.ScoreRows(2, new float[4], [], [], new float[3]));
        Assert.Throws<ArgumentOutOfRangeException>(() => hashed.ScoreRows(-1, [], [], [], []));
    }

    [Fact]
    public void An_index_outside_the_table_fails_alone()
    {
        using var core = CoreModel.Load(Graphs.HashedClassifier(s_weights, s_table));
        Assert.Throws<InferenceRunException>(() => core.Score([1, 2], [99], [1]));
        Assert.Equal(Expected([1, 2], [1], [1]), core.Score([1, 2], [1], [1]), 1e-6f);
    }

    [Fact]
    public void Another_graph_is_refused_as_a_core()
    {
        var exception = Assert.Throws<ModelLoadException>(() => CoreModel.Load(Graphs.Identity(DataType.Float, "n", 2)));
        Assert.Equal(InspectCodes.UnsupportedType, exception.Code);
        Assert.Contains("'features'", exception.Message, StringComparison.Ordinal);
    }

    private static float Expected(float[] features, long[] indices, float[] values)
    {
        var score = (double)(features[0] * s_weights[0]) + (features[1] * s_weights[1]);
        for (var i = 0; i < indices.Length; i++)
            score += s_table[indices[i]] * values[i];
        return (float)(1 / (1 + Math.Exp(-score)));
    }
}

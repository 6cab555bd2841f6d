using System.Collections.Immutable;
using OrleansMl.Declaration;
using OrleansMl.Predictions;

namespace OrleansMl.Grains.Tests;

public sealed class PostprocessorTests
{
    private static readonly Postprocessor s_all = new(
    [
        new PostprocessDefinition { Combine = ImmutableSortedDictionary<string, double>.Empty.Add("score", 0.8).Add("margin", 0.2) },
        new PostprocessDefinition { Threshold = new ThresholdStep(0.6, "keep", "sell") },
        new PostprocessDefinition { LabelMap = ImmutableSortedDictionary<string, string>.Empty.Add("sell", "SELL NOW") },
        new PostprocessDefinition { TopK = 3 },
    ]);

    [Theory]
    [InlineData(0.7, 0.5, 0.66, "SELL NOW")]
    [InlineData(0.7, 0.0, 0.56, "keep")]
    [InlineData(0.75, double.NaN, 0.6, "SELL NOW")]
    public void Steps_run_in_order_and_what_is_missing_adds_nothing(double score, double margin, double expected, string label)
    {
        var (final, given) = s_all.Apply(score, "whatever", name => name == "margin" ? margin : double.NaN);
        Assert.Equal(expected, final, 12);
        Assert.Equal(label, given);
    }

    [Fact]
    public void Without_steps_the_models_own_answer_stands()
    {
        var none = new Postprocessor([]);
        Assert.Equal((0.3, "no"), none.Apply(0.3, "no", _ => 1));
        Assert.Equal((0.5, null, "[]"), (none.Threshold, none.TopK, none.ToJson()));
    }

    [Fact]
    public void Json_is_canonical_and_comes_back_the_same()
    {
        const string json = """[{"combine":{"margin":0.2,"score":0.8}},{"threshold":{"at":0.6,"below":"keep","above":"sell"}},{"label_map":{"sell":"SELL NOW"}},{"top_k":{"k":3}}]""";
        Assert.Equal(json, s_all.ToJson());
        var read = Postprocessor.FromJson(json);
        Assert.Equal(json, read.ToJson());
        Assert.Equal((0.6, 3), (read.Threshold, read.TopK));
    }

    [Fact]
    public void A_sum_beyond_all_numbers_is_the_largest_one()
    {
        var huge = new Postprocessor([new PostprocessDefinition { Combine = ImmutableSortedDictionary<string, double>.Empty.Add("score", double.MaxValue) }]);
        Assert.Equal(double.MaxValue, huge.Apply(10, null, _ => double.NaN).Score);
    }

    [Theory]
    [InlineData("{}", "give a list")]
    [InlineData("[{}]", "postprocess[0]")]
    [InlineData("""[{"treshold":{}}]""", "there are calibrate, threshold, label_map, combine and top_k")]
    [InlineData("""[{"threshold":{"at":"0.5","below":"a","above":"b"}}]""", "postprocess[0].threshold.at must be a number")]
    [InlineData("""[{"top_k":{"k":1.5}}]""", "whole number")]
    [InlineData("nonsense", "not JSON")]
    public void Broken_steps_are_named(string json, string expected) =>
        Assert.Contains(expected, Assert.Throws<FormatException>(() => Postprocessor.FromJson(json)).Message, StringComparison.Ordinal);
}

using OrleansMl.Learning;
using OrleansMl.Predictions;
using OrleansMl.Storage;
using OrleansMl.Trainers;

namespace OrleansMl.Grains.Tests.Classes;

/// <summary>Answers of several classes between the log, the stream of examples and the comparison of versions.</summary>
[Collection(LoopCollection.Name)]
public sealed class ClassComparisonTests(LoopFixture loop)
{
    [Theory]
    [InlineData("empirical_bernstein", 4.59511985)]
    [InlineData("confidence_sequence", 36.04365339)]
    public async Task A_test_that_bounds_its_losses_limits_the_probability_of_the_truth(string test, double expected)
    {
        var toy = new ClassToy(loop, ["a"], ["low", "middle", "high"]);
        await toy.ApplyAsync(toy.Yaml().Replace("metric: log_loss", $"metric: log_loss, test: {test}", StringComparison.Ordinal));
        var model = loop.Get<Catalog.CatalogCache>().Current.Models[toy.Name];
        var comparison = new ChampionComparison(model);
        comparison.Add(Example(0, [0, 1, 0]), ClassAnswer.Of([0, 1, 0], 0), ClassAnswer.Of([1, 0, 0], 0));
        Assert.Equal(expected, comparison.Evidence()!.Estimate, 1e-7);

        // The same two answers where one of them was served, whichever it was.
        foreach (var isCandidate in new[] { true, false })
        {
            var served = new ChampionComparison(model);
            served.AddServed(Example(0, isCandidate ? [1, 0, 0] : [0, 1, 0]), isCandidate ? [0, 1, 0] : [1, 0, 0], isCandidate);
            Assert.Equal(expected, served.Evidence()!.Estimate, 1e-7);
        }
    }

    [Fact]
    public void An_example_says_what_its_answer_was_worth_and_one_of_a_single_score_is_as_it_was()
    {
        var example = Example(2, [0.25, 0.25, 0.5]);
        Assert.Equal((2, 0.5, 0.375), (example.ServedClasses!.Value.Class, example.ServedClasses.Value.OfTruth, example.ServedClasses.Value.SquaredError));
        Assert.Equal(0.693147, ChampionComparison.ServedLoss("log_loss", example), 1e-6);
        Assert.Equal(0, ChampionComparison.ServedLoss("accuracy", example));

        // A label that is none of the classes that were answered then judges nothing.
        Assert.Null(Example(7, [0.25, 0.25, 0.5]).ServedClasses);
        var single = ExampleCodec.Decode(1, ExampleCodec.ToRecord(Prediction([]) with { Score = 0.25 }, 1, 0, isCorrection: false).Data);
        Assert.Equal((null, 0.25), (single.ServedClasses, single.ServedScore));
    }

    [Fact]
    public void Probabilities_go_to_bytes_and_back_and_other_bytes_are_none()
    {
        Assert.Equal([0.25, 0.25, 0.5], ProbabilityCodec.Decode(ProbabilityCodec.Encode([0.25, 0.25, 0.5]))!);
        Assert.Null(ProbabilityCodec.Decode([]));
        Assert.Null(ProbabilityCodec.Decode([2, 0, 0]));
        Assert.Null(ProbabilityCodec.Decode(DecisionCodec.Encode([new LoggedCandidate("a", 0.5, [])])));
    }

    private static LabeledExample Example(double label, double[] probabilities) => ExampleCodec.Decode(1, ExampleCodec.ToRecord(Prediction(probabilities), label, 0, isCorrection: false).Data);

    private static PredictionRecord Prediction(double[] probabilities) => new()
    {
        PredictionId = "p",
        Model = "m",
        EntityKey = "",
        Target = "kind",
        Version = 1,
        Score = probabilities.Length > 0 ? probabilities.Max() : null,
        Time = DateTime.UnixEpoch,
        Created = DateTime.UnixEpoch,
        Vector = VectorCodec.Encode([]),
        Response = default,
        Decision = probabilities.Length > 0 ? ProbabilityCodec.Encode(probabilities) : default,
    };
}

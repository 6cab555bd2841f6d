using System.Globalization;
using OrleansMl.Grains.Tests.Jobs;
using OrleansMl.Services;

namespace OrleansMl.Grains.Tests.Classes;

/// <summary>Handwritten digits (optdigits, UCI) through the whole loop: ten classes learned online, then by boosted trees.</summary>
[Collection(LoopCollection.Name)]
public sealed class DigitsTests(LoopFixture loop)
{
    private const int Rows = 900;
    private const int BootstrapRows = 300;

    /// <summary>A pixel is inked from 0 to 16.</summary>
    private static readonly string[] s_pixels = [.. Enumerable.Range(0, 64).Select(place => $"x{place}")];

    [SkippableFact]
    public async Task Digits_are_learned_online_and_boosted_trees_of_all_of_them_take_the_champions_place()
    {
        var toy = new ClassToy(loop, s_pixels, [.. Enumerable.Range(0, 10).Select(digit => digit.ToString(CultureInfo.InvariantCulture))]);
        await toy.ApplyAsync(toy.Yaml(
            learner: "{type: softmax, params: {learningRate: 0.1}, bootstrap: {outcomes: 300, epochs: 2}}",
            blocks: """
                pipeline: [{min_max_scale: {columns: all}}]
                trainer: {type: gradient_boosted_trees, params: {iterations: 15, learningRate: 0.4, maxLeaves: 8}}
                retrain: {minRows: 500}
            """));
        var lines = DigitNetwork.Lines("train", _ => true);
        var digits = lines.Take(Rows).Select(line => line.Split(',').Select(text => double.Parse(text, CultureInfo.InvariantCulture)).ToArray()).ToList();
        await toy.TeachAsync(digits.Take(BootstrapRows).Select(Row));
        await toy.CatchUpAsync();
        var answers = await toy.TeachAsync(digits.Skip(BootstrapRows).Select(Row));

        var right = answers.Zip(digits.Skip(BootstrapRows)).Average(pair => pair.First.Label == Row(pair.Second).Truth ? 1.0 : 0.0);
        Assert.True(right > 0.84, $"accuracy as served {right}");
        Assert.All(answers, answer => Assert.Equal(10, answer.Values.Length));

        // The learner's own figures: each digit was predicted before it was learned.
        var losses = (await toy.LearnerAsync()).Losses;
        double Figure(string predictor, string metric) => losses.Single(loss => loss.Predictor == predictor && loss.Metric == metric).Cumulative;
        Assert.True(Figure("learner", "accuracy") > 0.9, $"prequential accuracy {Figure("learner", "accuracy")}");
        Assert.Equal(right, Figure("served", "accuracy"), 1e-9);
        Assert.True(Figure("prior", "log_loss") > 2 * Figure("learner", "log_loss"));

        // Of all digits the newest fifth judges, which the champion has not learned either.
        var before = await toy.ChampionAsync();
        var header = string.Join(',', s_pixels) + "," + toy.Target;
        var result = await toy.RunAsync(new JobSpec { Kind = "retrain", Model = toy.Name, Dataset = await toy.UploadAsync(header + "\n" + string.Join('\n', lines) + "\n") });
        Assert.Equal(("promoted", "gradient_boosted_trees"), (result.GetProperty("decision").GetString(), result.GetProperty("trainer").GetProperty("type").GetString()));
        double Judged(string of, string metric) => result.GetProperty("results").EnumerateArray()
            .Single(figure => figure.GetProperty("of").GetString() == of && figure.GetProperty("metric").GetString() == metric).GetProperty("value").GetDouble();
        Assert.True(Judged("candidate", "accuracy") > 0.94, $"held-out accuracy {Judged("candidate", "accuracy")}");
        Assert.True(Judged("candidate", "macro_f1") > 0.94, $"held-out macro-F1 {Judged("candidate", "macro_f1")}");
        Assert.Equal(Judged("champion", "log_loss") - Judged("candidate", "log_loss"), result.GetProperty("evidence").GetProperty("estimate").GetDouble(), 1e-9);
        Assert.NotEqual(before, await toy.ChampionAsync());
        await toy.CatchUpAsync();

        // Digits that nobody has seen.
        var test = DigitNetwork.Lines("test", _ => true).Take(100).Select(line => line.Split(',').Select(text => double.Parse(text, CultureInfo.InvariantCulture)).ToArray()).ToList();
        var correct = 0;
        foreach (var digit in test)
        {
            var answer = await toy.PredictAsync(digit[..64]);
            Assert.Equal(await toy.ChampionAsync(), answer.Version);
            correct += answer.Label == Row(digit).Truth ? 1 : 0;
        }

        Assert.True(correct > 0.9 * test.Count, $"{correct} of {test.Count} digits");
    }

    [SkippableFact]
    public async Task The_head_of_a_network_of_ten_classes_is_learned_online()
    {
        var network = "n" + Guid.NewGuid().ToString("n")[..12];
        var registered = await loop.Control.RegisterAsync(new RegisterVersion(network, DigitNetwork.Trained(10, _ => true)), default);
        Assert.True(registered.IsSuccess, registered.Error?.Detail);
        var toy = new ClassToy(loop, s_pixels, [.. Enumerable.Range(0, 10).Select(digit => digit.ToString(CultureInfo.InvariantCulture))]);
        await toy.ApplyAsync(toy.Yaml(learner: $"{{type: head, of: {network}, bootstrap: {{outcomes: 50}}}}"));
        var digits = DigitNetwork.Lines("test", _ => true).Take(150).Select(line => line.Split(',').Select(text => double.Parse(text, CultureInfo.InvariantCulture)).ToArray()).ToList();
        await toy.TeachAsync(digits.Take(50).Select(Row));
        await toy.CatchUpAsync();
        var answers = await toy.TeachAsync(digits.Skip(50).Select(Row));
        Assert.All(answers, answer => Assert.Null(answer.Fallback));
        var right = answers.Zip(digits.Skip(50)).Average(pair => pair.First.Label == Row(pair.Second).Truth ? 1.0 : 0.0);
        Assert.True(right > 0.85, $"accuracy as served {right}");
        Assert.Equal("learning", (await toy.LearnerAsync()).State);
    }

    private static (double[] Values, string Truth) Row(double[] digit) => (digit[..64], digit[64].ToString(CultureInfo.InvariantCulture));
}

using System.Collections.Immutable;
using OrleansMl.Inference;
using OrleansMl.Learning;

namespace OrleansMl.Training.Tests.External;

/// <summary>The trainers under samples/trainers, from the rows to a model that serves.</summary>
public sealed class SampleTrainerTests : IDisposable
{
    private const string Python = ScikitLearn.Python;

    private readonly TrainerFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [SkippableTheory]
    [InlineData(0, false)]
    [InlineData(2, false)]
    [InlineData(2, true)]
    [InlineData(3, false)]
    public async Task Plain_Python_trains_a_model_that_serves_as_it_says(int classes, bool weighted)
    {
        Skip.IfNot(File.Exists(Python), "there is no python3");
        var data = TrainerFixture.Data(classes, weighted: weighted);
        var result = await _fixture.FitAsync(data, [Python, TrainerFixture.Sample("plain")], ImmutableSortedDictionary<string, object>.Empty.Add("epochs", 60.0));
        Check(data, result, result.Metrics["loss"], leastGain: 0.6);
        Assert.Equal(1, _fixture.Progress[^1]);
    }

    [SkippableTheory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Scikit_learn_trains_trees_that_serve_as_they_say(int classes)
    {
        var path = ScikitLearn.PathOrSkip();
        var data = TrainerFixture.Data(classes);
        var result = await _fixture.FitAsync(data, ["/usr/bin/env", "PYTHONPATH=" + path, Python, TrainerFixture.Sample("sklearn")]);
        Check(data, result, result.Metrics[classes == 0 ? "mse" : "log_loss"], leastGain: 0.5);
    }

    [SkippableFact]
    public async Task A_parameter_that_the_script_does_not_know_fails_with_its_words()
    {
        Skip.IfNot(File.Exists(Python), "there is no python3");
        var thrown = await Assert.ThrowsAsync<CommandTrainerException>(() => _fixture.FitAsync(TrainerFixture.Data(2), [Python, TrainerFixture.Sample("plain")], ImmutableSortedDictionary<string, object>.Empty.Add("epoch", 60.0)));
        Assert.Equal(ProcessCodes.CommandFailed, thrown.Code);
        Assert.Contains("exit code 1", thrown.Message, StringComparison.Ordinal);
        Assert.Contains("unknown params: epoch (available: epochs, l2, learningRate)", thrown.Message, StringComparison.Ordinal);
    }

    /// <summary>The core graph gives, here, the loss that the script measured there; and it beats the constant that knows the rows' mean.</summary>
    private static void Check(CommandTrainingData data, CommandTrainerResult result, double said, double leastGain)
    {
        var classes = data.Classes.Length;
        var rows = data.Validation!;
        using var core = CoreModel.Load(result.Core);
        var model = new CoreLearnerModel(core, classes);
        var sum = 0.0;
        var answer = new double[Math.Max(1, classes)];
        for (var row = 0; row < rows.Count; row++)
        {
            model.Predict(rows[row], answer);
            sum += classes == 0 ? Losses.SquaredError(answer[0], rows.Targets[row]) : Losses.LogLoss(answer[(int)rows.Targets[row]], 1);
        }

        var loss = sum / rows.Count;
        Assert.Equal(said, loss, 1e-4 * Math.Max(1, said));
        var mean = rows.Targets.Average();
        var constant = classes == 0
            ? rows.Targets.Average(target => Losses.SquaredError(mean, target))
            : rows.Targets.GroupBy(target => target).Sum(group => -(double)group.Count() / rows.Count * Math.Log((double)group.Count() / rows.Count));
        Assert.InRange(loss, 0, constant * (1 - leastGain));
    }
}

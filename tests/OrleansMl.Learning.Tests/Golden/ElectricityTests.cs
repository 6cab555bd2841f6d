using Xunit.Abstractions;

namespace OrleansMl.Learning.Tests.Golden;

/// <summary>The project's demo in a loop: 2,000 rows fit the pipeline and the first version, the rest is predicted, then learned.</summary>
public sealed class ElectricityTests(ITestOutputHelper output)
{
    private const int BootstrapRows = 2000;
    private const int Epochs = 5;

    [SkippableFact]
    public void Learning_on_beats_the_frozen_version_and_the_last_label()
    {
        var (rows, labels) = Electricity.Read(SharedData.Require("elec2/electricity.zip"));
        var (pipeline, learner) = Bootstrap(rows, labels);
        foreach (var column in new[] { "vicprice", "vicdemand", "transfer" })
            Assert.Contains(pipeline.Warnings, warning => warning.Contains($"'{column}' is constant", StringComparison.Ordinal));

        var room = new TransformedRow(pipeline);
        var frozen = LearnerFactory.Restore(learner.Save());
        var noChange = new NoChangeBaseline();
        noChange.Learn(labels[BootstrapRows - 1]);
        var (live, still, last) = (new PrequentialEvaluation(true), new PrequentialEvaluation(true), new PrequentialEvaluation(true));
        for (var i = BootstrapRows; i < rows.Length; i++)
        {
            var x = room.Fill(rows[i]);
            live.Add(learner.PredictOne(x), labels[i]);
            still.Add(frozen.PredictOne(x), labels[i]);
            last.Add(noChange.Predict(), labels[i]);
            learner.LearnOne(x, labels[i]);
            noChange.Learn(labels[i]);
        }

        output.WriteLine($"rows {live.Count}: live {live.Accuracy!.Cumulative:F6} (log loss {live.LogLoss!.Cumulative:F6}), frozen {still.Accuracy!.Cumulative:F6} ({still.LogLoss!.Cumulative:F6}), no-change {last.Accuracy!.Cumulative:F6}");
        Assert.Equal(rows.Length - BootstrapRows, live.Count);
        Assert.Equal(0.9031, live.Accuracy.Cumulative, 0.001);
        Assert.Equal(0.8605, still.Accuracy.Cumulative, 0.003);
        Assert.Equal(0.853, last.Accuracy.Cumulative, 0.001);
        Assert.True(live.LogLoss.Cumulative < still.LogLoss.Cumulative);
    }

    [SkippableFact]
    public void Promoting_by_the_confidence_sequence_serves_nearly_what_the_learner_knows()
    {
        const int Cooldown = 200;
        var (rows, labels) = Electricity.Read(SharedData.Require("elec2/electricity.zip"));
        var (pipeline, learner) = Bootstrap(rows, labels);
        var room = new TransformedRow(pipeline);
        var champion = LearnerFactory.Restore(learner.Save());
        var served = new PrequentialEvaluation(true);
        var gate = Gate();
        int promotions = 0, since = 0;
        for (var i = BootstrapRows; i < rows.Length; i++)
        {
            var x = room.Fill(rows[i]);
            var answer = champion.PredictOne(x);
            served.Add(answer, labels[i]);
            if (since++ >= Cooldown)
                gate.Add(Losses.LogLoss(answer, labels[i]) - Losses.LogLoss(learner.PredictOne(x), labels[i]));
            learner.LearnOne(x, labels[i]);
            if (!(gate.Lower > 0))
                continue;
            (champion, gate, since) = (LearnerFactory.Restore(learner.Save()), Gate(), 0);
            promotions++;
        }

        output.WriteLine($"served {served.Accuracy!.Cumulative:F6} (log loss {served.LogLoss!.Cumulative:F6}), promotions {promotions}");
        Assert.Equal(0.897, served.Accuracy.Cumulative, 0.002);
        Assert.InRange(promotions, 30, 70);

        static AsymptoticConfidenceSequence Gate() => new(0.05, targetCount: 300, BoundSides.One, minimumCount: 300);
    }

    [SkippableFact]
    public void The_no_change_baseline_reproduces_the_published_accuracy()
    {
        var (_, labels) = Electricity.Read(SharedData.Require("elec2/electricity.zip"));
        var baseline = new NoChangeBaseline();
        baseline.Learn(labels[0]);
        var evaluation = new PrequentialEvaluation(true);
        foreach (var label in labels[1..])
        {
            evaluation.Add(baseline.Predict(), label);
            baseline.Learn(label);
        }

        // 38,664 of 45,311: River's benchmark table, 0.853303.
        Assert.Equal(38664 / 45311.0, evaluation.Accuracy!.Cumulative, 12);
    }

    private static (FittedPipeline Pipeline, ILearner Learner) Bootstrap(Row[] rows, double[] labels)
    {
        var pipeline = FittedPipeline.Fit(Electricity.Pipeline, Electricity.Schema, rows[..BootstrapRows]);

        // standard_scale has done the normalising; normalized would divide by the largest size ever seen, so by outliers.
        var parameters = new Dictionary<string, object> { ["learningRate"] = 0.5, ["adaptive"] = true, ["normalized"] = false };
        var learner = LearnerFactory.Create("logistic_regression", parameters, pipeline.DenseCount, pipeline.HashBits, 1);
        var room = new TransformedRow(pipeline);
        for (var epoch = 0; epoch < Epochs; epoch++)
        {
            for (var i = 0; i < BootstrapRows; i++)
                learner.LearnOne(room.Fill(rows[i]), labels[i]);
        }

        return (pipeline, learner);
    }
}

using FsCheck;
using FsCheck.Fluent;

namespace OrleansMl.Learning.Tests.Metrics;

public sealed class ClassFiguresTests
{
    private static readonly Config Drawn = Config.QuickThrowOnFailure.WithMaxTest(100).WithReplay(17, 33);

    [Fact]
    public void An_answer_is_worth_what_it_gave_to_the_truth()
    {
        var answer = ClassAnswer.Of([0.2, 0.5, 0.3], 2);
        Assert.Equal((1, 0.3), (answer.Class, answer.OfTruth));
        Assert.Equal((0.2 * 0.2) + (0.5 * 0.5) + (0.7 * 0.7), answer.SquaredError, 1e-15);
        Assert.Equal(-Math.Log(0.3), answer.LogLoss, 1e-15);
        Assert.Equal((0, 1), (answer.Correct(2), answer.Correct(1)));
        Assert.Equal(-Math.Log(Losses.ProbabilityEpsilon), ClassAnswer.Of([1, 0, 0], 1).LogLoss, 1e-12);
        Assert.Equal(ClassAnswer.Of([0, 1, 0], 1), ClassAnswer.Certain(1, 1));
        Assert.Equal(ClassAnswer.Of([0, 1, 0], 2), ClassAnswer.Certain(1, 2));
        Assert.Equal(0, ClassAnswer.Of([0.4, 0.4, 0.2], 0).Class);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(3)]
    [InlineData(0.5)]
    [InlineData(double.NaN)]
    public void A_label_that_is_no_class_is_refused(double label)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => ClassAnswer.Of([0.2, 0.5, 0.3], label));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ClassPriorBaseline(3).Learn(label));
    }

    [Fact]
    public void Of_two_classes_losses_are_those_of_one_probability() => Check.One(Drawn, Prop.ForAll(ArbMap.Default.ArbFor<(ushort, bool)>(), drawn =>
    {
        var (share, isTrue) = drawn;
        var p = share / 65535.0;
        var (answer, label) = (ClassAnswer.Of([1 - p, p], isTrue ? 1 : 0), isTrue ? 1.0 : 0);
        return Math.Abs(answer.LogLoss - Losses.LogLoss(p, label)) < 1e-9
            && Math.Abs(answer.SquaredError - (2 * Losses.SquaredError(p, label))) < 1e-12
            && Math.Abs(answer.AbsoluteError - Losses.AbsoluteError(p, label)) < 1e-12;
    }));

    [Fact]
    public void The_priors_answer_is_that_of_its_probabilities_and_it_goes_on_from_its_bytes() => Check.One(Drawn, Prop.ForAll(ArbMap.Default.ArbFor<(byte[], byte)>(), drawn =>
    {
        var (labels, next) = drawn;
        var prior = new ClassPriorBaseline(5);
        foreach (var label in labels)
            prior.Learn(label % 5);
        prior = ClassPriorBaseline.Restore(prior.Save());
        var probabilities = new double[5];
        prior.Predict(probabilities);
        var (expected, answer) = (ClassAnswer.Of(probabilities, next % 5), prior.Answer(next % 5));
        return prior.Count == labels.Length && Math.Abs(probabilities.Sum() - 1) < 1e-12
            && answer.Class == expected.Class && answer.OfTruth == expected.OfTruth && Math.Abs(answer.SquaredError - expected.SquaredError) < 1e-12;
    }));

    [Fact]
    public void Macro_F1_and_accuracy_are_those_of_the_confusion_matrix() => Check.One(Drawn, Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), drawn =>
    {
        const int Classes = 6;
        if (drawn.Length < 4)
            return true;
        var labels = Array.ConvertAll(drawn, value => (double)(value % Classes));
        var answers = Array.ConvertAll(drawn, value => ClassAnswer.Certain(value / 7 % Classes, value % Classes));
        var matrix = new ConfusionMatrix(Classes);
        for (var i = 0; i < labels.Length; i++)
            matrix.Add((int)labels[i], answers[i].Class);
        var (f1, interval) = ClassFigures.Compute("macro_f1", answers, labels, Classes, 1);
        return Math.Abs(f1 - matrix.F1(ClassAverage.Macro)) < 1e-12
            && interval!.Value.Lower <= interval.Value.Upper
            && Math.Abs(ClassFigures.Compute("accuracy", answers, labels, Classes, 1).Value - matrix.Accuracy) < 1e-12;
    }));

    [Fact]
    public void Prequential_figures_of_classes_are_means_of_their_losses_and_values_take_none()
    {
        var evaluation = new PrequentialEvaluation(binary: true);
        evaluation.Add(ClassAnswer.Of([0.2, 0.5, 0.3], 1), 1);
        evaluation.Add(ClassAnswer.Of([0.2, 0.5, 0.3], 2), 2);
        Assert.Equal((-Math.Log(0.5) - Math.Log(0.3)) / 2, evaluation.LogLoss!.Cumulative, 1e-12);
        Assert.Equal(0.5, evaluation.Accuracy!.Cumulative);
        Assert.Throws<InvalidOperationException>(() => new PrequentialEvaluation(binary: false).Add(ClassAnswer.Certain(0, 0), 0));
    }
}

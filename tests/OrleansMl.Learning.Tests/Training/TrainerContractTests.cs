namespace OrleansMl.Learning.Tests.Training;

/// <summary>What every trainer promises, over every kind and target; their export is asked in Inference.Tests.</summary>
public sealed class TrainerContractTests
{
    private static readonly string[] _counting = ["linear_lbfgs", "matrix_factorization_als"];

    public static TheoryData<string> All => [.. TrainerCase.All.Keys];

    public static TheoryData<string> Classifiers => [.. TrainerCase.All.Where(one => one.Value.Classes > 0).Select(one => one.Key)];

    /// <summary>Trainers that say weight w is w rows.</summary>
    public static TheoryData<string> Counting => [.. TrainerCase.All.Where(one => _counting.Contains(one.Value.Kind.Name)).Select(one => one.Key)];

    [Theory]
    [MemberData(nameof(All))]
    public void Equal_rows_and_seed_give_the_same_model_bit_for_bit_whatever_the_threads(string name)
    {
        var one = TrainerCase.All[name];
        var rows = one.Rows(1, 1500, label => label == 1 ? 2 : 1);
        var first = one.Make(seed: 5).Fit(rows, null, null, CancellationToken.None);
        foreach (var threads in new[] { 1, 2, 3 })
            AssertSame(first, one.Make(seed: 5, threads).Fit(one.Rows(1, 1500, label => label == 1 ? 2 : 1), null, null, CancellationToken.None), one.Rows(2, 200), 0);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_trainer_that_fitted_once_fits_again_as_if_it_had_not(string name)
    {
        var one = TrainerCase.All[name];
        var trainer = one.Make();
        trainer.Fit(one.Rows(3, 200), null, null, CancellationToken.None);
        AssertSame(Fit(one, one.Rows(4, 300)), trainer.Fit(one.Rows(4, 300), null, null, CancellationToken.None), one.Rows(5, 100), 0);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void The_model_has_the_shape_of_the_rows_and_what_can_be_separated_is_learned(string name)
    {
        var one = TrainerCase.All[name];
        var model = Fit(one, one.Rows(6, 3000));
        Assert.Equal((one.Shape.Learner.DenseCount, one.Shape.Learner.HashBits, one.Classes), (model.DenseCount, model.HashBits, model.Classes));
        var fresh = one.Rows(7, 600);
        if (one.Classes > 0)
        {
            var most = fresh.Targets.GroupBy(target => target).Max(group => group.Count()) / (double)fresh.Count;
            var right = Enumerable.Range(0, fresh.Count).Count(row => Class(model, fresh[row]) == fresh.Targets[row]) / (double)fresh.Count;

            // A tree of some leaves draws a slope in steps.
            Assert.True(right > most + ((one.Kind.Name == "hoeffding_tree" ? 0.35 : 0.5) * (1 - most)), $"{right:F3} are right; the most frequent class is {most:F3}.");
            return;
        }

        var mean = fresh.Targets.Average();
        var (error, spread) = (Enumerable.Range(0, fresh.Count).Average(row => Math.Pow(model.PredictOne(fresh[row]) - fresh.Targets[row], 2)), fresh.Targets.Average(target => Math.Pow(target - mean, 2)));
        Assert.True(error < 0.5 * spread, $"The mean squared error is {error:F3}; that of the mean is {spread:F3}.");
    }

    [Theory]
    [MemberData(nameof(All))]
    public void No_weights_are_weights_of_one(string name)
    {
        var one = TrainerCase.All[name];
        AssertSame(Fit(one, one.Rows(8, 400)), Fit(one, one.Rows(8, 400, _ => 1)), one.Rows(9, 100), 0);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Heavier_rows_pull_the_model(string name)
    {
        var one = TrainerCase.All[name];
        var middle = one.Classes == 0 ? one.Rows(10, 800).Targets.Average() : 0.5;
        var (even, pulled) = (Fit(one, one.Rows(10, 800)), Fit(one, one.Rows(10, 800, label => label > middle ? 4 : 1)));
        var fresh = one.Rows(11, 300);
        var (before, after) = (Mean(even, fresh), Mean(pulled, fresh));
        Assert.True(after > before, $"The mean answer was {before}; with heavy rows above {middle} it is {after}.");
    }

    [Theory]
    [MemberData(nameof(Counting))]
    public void Weight_two_is_two_rows(string name)
    {
        var one = TrainerCase.All[name];
        var rows = one.Rows(12, 300);
        var twice = new TrainingRows(600, [.. rows.Dense, .. rows.Dense], [.. rows.HashedIndices, .. rows.HashedIndices], [.. rows.HashedValues, .. rows.HashedValues], [.. rows.Targets, .. rows.Targets]);
        AssertSame(Fit(one, twice), Fit(one, one.Rows(12, 300, _ => 2)), one.Rows(13, 100), 1e-5);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Progress_rises_to_one(string name)
    {
        var one = TrainerCase.All[name];
        var heard = new Progress(_ => { });
        one.Make().Fit(one.Rows(14, 500), null, heard, CancellationToken.None);
        Assert.True(heard.All.Count >= 2);
        Assert.All(heard.All, report => Assert.InRange(report.Fraction, 0, 1));
        Assert.Equal(heard.All.Select(report => report.Fraction).Order(), heard.All.Select(report => report.Fraction));
        Assert.Equal(heard.All.Select(report => report.Iteration).Order(), heard.All.Select(report => report.Iteration));
        Assert.All(heard.All, report => Assert.True(report.TrainLoss is null || double.IsFinite(report.TrainLoss.Value)));
        Assert.Equal(1, heard.All[^1].Fraction);
        Assert.Single(heard.All, report => report.Fraction == 1);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_stopped_fit_ends_before_its_end(string name)
    {
        var one = TrainerCase.All[name];
        using var before = new CancellationTokenSource();
        before.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => one.Make().Fit(one.Rows(15, 300), null, null, before.Token));

        using var within = new CancellationTokenSource();
        var heard = new Progress(_ => within.Cancel());
        Assert.ThrowsAny<OperationCanceledException>(() => one.Make(threads: 2).Fit(one.Rows(15, 1500), null, heard, within.Token));
        Assert.DoesNotContain(heard.All, report => report.Fraction == 1);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Rows_that_cannot_be_learned_are_refused_by_name(string name)
    {
        var one = TrainerCase.All[name];
        var rows = one.Rows(16, 20);
        Refused(one, new TrainingRows(0, [], [], [], []), "rows");
        Refused(one, With(rows, targets: Replaced(rows.Targets, 7, double.NaN)), "row 7");
        Refused(one, With(rows, targets: Replaced(rows.Targets, 7, double.PositiveInfinity)), "row 7");
        Refused(one, With(rows, weights: Replaced([.. rows.Targets.Select(_ => 1.0)], 7, 0)), "row 7");
        Refused(one, With(rows, weights: Replaced([.. rows.Targets.Select(_ => 1.0)], 7, double.NaN)), "row 7");
        if (one.Classes > 0)
            Refused(one, With(rows, targets: Replaced(rows.Targets, 7, one.Classes)), "row 7");
        if (rows.DenseCount > 0 && !one.Kind.TakesMissing)
            Refused(one, With(rows, dense: Replaced(rows.Dense, 7 * rows.DenseCount, double.NaN)), "row 7");
        if (rows.HashedCount > 0)
            Refused(one, new TrainingRows(20, rows.Dense, [.. rows.HashedIndices.Select(_ => 1 << 20)], rows.HashedValues, rows.Targets), "row 0");
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Rows_of_another_shape_are_refused(string name)
    {
        var one = TrainerCase.All[name];
        var rows = one.Rows(17, 20);
        Refused(one, With(rows, dense: new double[20 * (rows.DenseCount + 1)]), $"{rows.DenseCount + 1}");
        Refused(one, new TrainingRows(20, rows.Dense, new int[60], new double[60], rows.Targets), "3");
    }

    [Theory]
    [MemberData(nameof(Classifiers))]
    public void One_class_alone_is_refused(string name)
    {
        var one = TrainerCase.All[name];
        var rows = one.Rows(18, 30);
        Refused(one, With(rows, targets: [.. rows.Targets.Select(_ => 1.0)]), "class 1");
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Unknown_parameters_and_numbers_out_of_range_are_refused(string name)
    {
        var one = TrainerCase.All[name];
        Assert.Contains("nonsense", Assert.Throws<LearnerException>(() => TrainerFactory.Create(one.Kind.Name, new Dictionary<string, object> { ["nonsense"] = 1.0 }, one.Shape, 1)).Message, StringComparison.Ordinal);
        foreach (var parameter in one.Kind.Parameters(one.Classes).Where(known => known.Kind is ParameterKind.Number or ParameterKind.Integer))
        {
            var refusal = Assert.Throws<LearnerException>(() => TrainerFactory.Create(one.Kind.Name, new Dictionary<string, object> { [parameter.Name] = parameter.Max + 1 + Math.Abs(parameter.Max) }, one.Shape, 1));
            Assert.Contains(parameter.Name, refusal.Message, StringComparison.Ordinal);
        }
    }

    private static void Refused(TrainerCase one, TrainingRows rows, string named)
    {
        var refusal = Assert.Throws<LearnerException>(() => Fit(one, rows));
        Assert.Contains(one.Kind.Name, refusal.Message, StringComparison.Ordinal);
        Assert.Contains(named, refusal.Message, StringComparison.Ordinal);
    }

    private static LearnerModel Fit(TrainerCase one, TrainingRows rows) => one.Make().Fit(rows, null, null, CancellationToken.None);

    private static TrainingRows With(TrainingRows rows, double[]? dense = null, double[]? targets = null, double[]? weights = null)
        => new(rows.Count, dense ?? rows.Dense, rows.HashedIndices, rows.HashedValues, targets ?? rows.Targets, weights);

    private static double[] Replaced(double[] numbers, int place, double by) => [.. numbers[..place], by, .. numbers[(place + 1)..]];

    private static void AssertSame(LearnerModel expected, LearnerModel actual, TrainingRows fresh, double tolerance)
    {
        var (first, second) = (new double[Math.Max(1, expected.Classes)], new double[Math.Max(1, expected.Classes)]);
        for (var row = 0; row < fresh.Count; row++)
        {
            expected.Predict(fresh[row], first);
            actual.Predict(fresh[row], second);
            for (var i = 0; i < first.Length; i++)
                Assert.True(Math.Abs(first[i] - second[i]) <= tolerance, $"Row {row}: {first[i]:R} and {second[i]:R}.");
        }
    }

    private static double Class(LearnerModel model, in FeatureSpan x) => model.Classes == 2 ? model.PredictOne(x) >= 0.5 ? 1 : 0 : model.PredictOne(x);

    /// <summary>The mean value, or the mean probability of not being of class 0.</summary>
    private static double Mean(LearnerModel model, TrainingRows rows)
    {
        var output = new double[Math.Max(1, model.Classes)];
        double sum = 0;
        for (var row = 0; row < rows.Count; row++)
        {
            model.Predict(rows[row], output);
            sum += model.Classes == 0 ? output[0] : 1 - output[0];
        }

        return sum / rows.Count;
    }

    private sealed class Progress(Action<TrainingProgress> then) : IProgress<TrainingProgress>
    {
        public List<TrainingProgress> All { get; } = [];

        public void Report(TrainingProgress value)
        {
            All.Add(value);
            then(value);
        }
    }
}

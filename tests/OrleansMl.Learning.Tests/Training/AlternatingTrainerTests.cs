using FsCheck;
using FsCheck.Fluent;
using MathNet.Numerics.LinearAlgebra;

namespace OrleansMl.Learning.Tests.Training;

/// <summary>matrix_factorization_als beside closed forms, and what it promises of each sweep.</summary>
public sealed class AlternatingTrainerTests
{
    private const int Bits = 6;

    [Fact]
    public void Biases_alone_are_the_ridge_regression_on_indicators()
    {
        var rows = Ratings(3, users: 7, items: 5, count: 60, classes: 0);
        var model = Fit(rows, 0, new() { ["factors"] = 0.0, ["l2"] = 2.5, ["tolerance"] = 0.0, ["maxIterations"] = 2000.0 });

        var design = Matrix<double>.Build.Dense(rows.Count, 12, (row, column) => column < 7
            ? Is(rows, row, 0, column)
            : Is(rows, row, 1, column - 7));
        var weights = Matrix<double>.Build.DenseOfDiagonalArray([.. Enumerable.Range(0, rows.Count).Select(rows.WeightOf)]);
        var mean = Enumerable.Range(0, rows.Count).Sum(row => rows.WeightOf(row) * rows.Targets[row]) / rows.Weights!.Sum();
        var centered = Vector<double>.Build.Dense([.. rows.Targets.Select(target => target - mean)]);
        var solved = ((design.Transpose() * weights * design) + (2.5 * Matrix<double>.Build.DenseIdentity(12))).Solve(design.Transpose() * weights * centered);

        Assert.Equal(mean, model.Center, 1e-12);
        for (var user = 0; user < 7; user++)
            Assert.Equal(solved[user], model.Users.Find(user)[0], 1e-7);
        for (var item = 0; item < 5; item++)
            Assert.Equal(solved[7 + item], model.Items.Find(item)[0], 1e-7);
    }

    /// <summary>
    /// Of a full matrix whose rows and columns sum to 0 the best factors are those of its singular values less the penalty (Mazumder,
    /// Hastie and Tibshirani, JMLR 11, 2010, theorem 3 and lemma 6), and all biases are 0.
    /// </summary>
    [Fact]
    public void Factors_of_a_full_matrix_are_its_shrunk_singular_values()
    {
        const double penalty = 1.5;
        var random = new Random(5);
        var plain = Matrix<double>.Build.Dense(8, 6, (_, _) => (4 * random.NextDouble()) - 2);
        var (rowMeans, columnMeans, mean) = (plain.RowSums() / 6, plain.ColumnSums() / 8, plain.RowSums().Sum() / 48);
        var matrix = plain.MapIndexed((i, j, value) => value - rowMeans[i] - columnMeans[j] + mean);
        var svd = matrix.Svd();
        var shrunk = svd.U * Matrix<double>.Build.Dense(8, 6, (i, j) => i == j ? Math.Max(0, svd.S[i] - penalty) : 0) * svd.VT;
        Assert.InRange(svd.S.Count(value => value > penalty), 2, 4);

        var cells = Enumerable.Range(0, 48).Select(cell => (User: cell / 6, Item: cell % 6)).ToArray();
        var rows = new TrainingRows(48, [], [.. cells.SelectMany(cell => new[] { cell.User, cell.Item })], [.. Enumerable.Repeat(1.0, 96)], [.. cells.Select(cell => matrix[cell.User, cell.Item])]);
        var model = Fit(rows, 0, new() { ["factors"] = 6.0, ["l2"] = penalty, ["l2Factors"] = penalty, ["tolerance"] = 0.0, ["maxIterations"] = 5000.0 });
        for (var row = 0; row < 48; row++)
            Assert.Equal(shrunk[cells[row].User, cells[row].Item], model.PredictOne(rows[row]), 1e-6);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void No_sweep_raises_what_is_minimised(int classes)
        => Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(25).WithReplay(11, 13),
            Prop.ForAll(
                (from seed in Gen.Choose(0, 100_000)
                 from penalty in Gen.Elements(0.01, 0.5, 20)
                 from factors in Gen.Choose(0, 5)
                 select (seed, penalty, factors)).ToArbitrary(),
                drawn =>
                {
                    var rows = Ratings(drawn.seed, users: 6, items: 8, count: 80, classes);
                    var before = double.PositiveInfinity;
                    for (var sweeps = 1; sweeps <= 8; sweeps++)
                    {
                        var model = Fit(rows, classes, new() { ["factors"] = (double)drawn.factors, ["l2"] = 2 * drawn.penalty, ["l2Factors"] = drawn.penalty, ["tolerance"] = 0.0, ["maxIterations"] = (double)sweeps });
                        var value = Objective(rows, model, 2 * drawn.penalty, drawn.penalty);
                        Assert.True(value <= before + (1e-10 * Math.Abs(before == double.PositiveInfinity ? 1 : before)), $"Sweep {sweeps}: {before} became {value}.");
                        before = value;
                    }
                }));

    [Fact]
    public void Somebody_not_met_before_is_answered_by_what_is_known_of_the_other()
    {
        var rows = Ratings(9, users: 6, items: 5, count: 100, classes: 0);
        var model = Fit(rows, 0, new() { ["factors"] = 3.0 });
        Assert.Equal(model.Center + model.Items.Find(2)[0], model.PredictOne(new FeatureSpan([], [40, 2], [1, 1])), 1e-12);
        Assert.Equal(model.Center + model.Users.Find(3)[0], model.PredictOne(new FeatureSpan([], [3, 2], [1, 0])), 1e-12);
        Assert.Equal(model.Center, model.PredictOne(new FeatureSpan([], [40, 41], [1, 1])), 1e-12);
    }

    [Fact]
    public void Columns_other_than_user_and_item_are_refused()
    {
        var refusal = Assert.Throws<LearnerException>(() => TrainerFactory.Create("matrix_factorization_als", null, new TrainerShape(new LearnerShape(1, Bits, 2, 2), []), 1));
        Assert.Contains("matrix_factorization_als takes two hashed columns", refusal.Message, StringComparison.Ordinal);
    }

    private static double Is(TrainingRows rows, int row, int position, int place)
        => rows.HashedIndices[(2 * row) + position] == place ? rows.HashedValues[(2 * row) + position] : 0;

    private static MatrixFactorizationModel Fit(TrainingRows rows, int classes, Dictionary<string, object> parameters)
        => (MatrixFactorizationModel)TrainerFactory.Create("matrix_factorization_als", parameters, new TrainerShape(new LearnerShape(0, Bits, 2, classes), []), 1).Fit(rows, null, null, CancellationToken.None);

    /// <summary>Every tenth id is missing.</summary>
    private static TrainingRows Ratings(int seed, int users, int items, int count, int classes)
    {
        var random = new Random(seed);
        var indices = Enumerable.Range(0, 2 * count).Select(i => random.Next(i % 2 == 0 ? users : items)).ToArray();
        var values = Enumerable.Range(0, 2 * count).Select(_ => random.Next(10) == 0 ? 0.0 : 1).ToArray();
        var targets = Enumerable.Range(0, count).Select(row => classes == 0 ? indices[2 * row] - (2 * indices[(2 * row) + 1]) + (3 * random.NextDouble()) : row < 2 ? row : random.Next(2)).ToArray();
        return new TrainingRows(count, [], indices, values, targets, [.. Enumerable.Range(0, count).Select(_ => 0.5 + random.NextDouble())]);
    }

    private static double Objective(TrainingRows rows, MatrixFactorizationModel model, double l2, double l2Factors)
    {
        double sum = 0;
        var output = new double[Math.Max(1, model.Classes)];
        for (var row = 0; row < rows.Count; row++)
        {
            model.Predict(rows[row], output);
            sum += rows.WeightOf(row) * (model.Classes == 0 ? 0.5 * Math.Pow(output[0] - rows.Targets[row], 2) : -Math.Log(output[(int)rows.Targets[row]]));
        }

        foreach (var side in new[] { model.Users, model.Items })
        {
            for (var i = 0; i < side.Values.Length; i++)
                sum += 0.5 * (i % side.Width == 0 ? l2 : l2Factors) * side.Values[i] * side.Values[i];
        }

        return sum;
    }
}

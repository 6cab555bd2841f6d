namespace OrleansMl.Learning;

/// <summary>
/// Σ weight · loss + l2/2 · Σ b² + l2Factors/2 · Σ |factors|² over users and items, where loss is (s − y)²/2 for a value and
/// −ln p for two classes. With one side fixed, each of the other side is a small ridge regression of its own; for classes that is
/// one on the quadratic bound of Jaakkola and Jordan (2000), which touches the loss where it stands, so that no step can raise the
/// sum.
/// </summary>
internal sealed class AlternatingProblem
{
    private readonly TrainingRows _rows;
    private readonly bool _isRegression;
    private readonly double _center;
    private readonly double _l2Bias;
    private readonly double _l2Factors;
    private readonly int _threads;
    private readonly CancellationToken _cancellationToken;
    private readonly FixedBlocks _rowBlocks;

    /// <param name="rows">Two hashed columns.</param>
    /// <param name="shape">Of the rows.</param>
    /// <param name="center">μ.</param>
    /// <param name="factors">F.</param>
    /// <param name="l2Bias">&gt; 0.</param>
    /// <param name="l2Factors">&gt; 0.</param>
    /// <param name="threads">≥ 1.</param>
    /// <param name="cancellationToken">Stops it within a sweep.</param>
    public AlternatingProblem(TrainingRows rows, in LearnerShape shape, double center, int factors, double l2Bias, double l2Factors, int threads, CancellationToken cancellationToken)
    {
        (_rows, _isRegression, _center, _l2Bias, _l2Factors) = (rows, shape.IsRegression, center, l2Bias, l2Factors);
        (_threads, _cancellationToken, _rowBlocks) = (threads, cancellationToken, new FixedBlocks(rows.Count, threads));
        Users = new AlternatingSide(rows, 0, shape.TableSize, 1 + factors);
        Items = new AlternatingSide(rows, 1, shape.TableSize, 1 + factors);
    }

    public AlternatingSide Users { get; }

    public AlternatingSide Items { get; }

    /// <summary>Finds the best of one side for the other as it stands.</summary>
    public void Solve(AlternatingSide side, AlternatingSide other)
        => new FixedBlocks(side.Count, _threads, leastItems: 16).Run(
            (_, from, to) =>
            {
                var solver = new CholeskySolver(side.Width);
                var vector = new double[side.Width];
                for (var number = from; number < to; number++)
                    Solve(side, other, number, solver, vector);
            },
            _cancellationToken);

    /// <summary>The sum that is minimised, and the mean loss in it.</summary>
    public (double Sum, double MeanLoss) Value()
    {
        var (losses, weights) = (new double[_rowBlocks.Count], new double[_rowBlocks.Count]);
        _rowBlocks.Run(
            (block, from, to) =>
            {
                for (var row = from; row < to; row++)
                {
                    losses[block] += _rows.WeightOf(row) * Loss(Score(row), _rows.Targets[row]);
                    weights[block] += _rows.WeightOf(row);
                }
            },
            _cancellationToken);
        var loss = losses.Sum();
        return (loss + Penalty(Users) + Penalty(Items), loss / weights.Sum());
    }

    private void Solve(AlternatingSide side, AlternatingSide other, int number, CholeskySolver solver, double[] vector)
    {
        solver.Begin(_l2Bias, _l2Factors);
        vector[0] = 1;
        foreach (var row in side.RowsOf(number))
        {
            var theirs = other.KnownAt(row);
            var fixedPart = _center + (theirs.IsEmpty ? 0 : theirs[0]);
            var (weight, target) = Quadratic(row);
            if (theirs.IsEmpty)
            {
                solver.Add(vector.AsSpan(0, 1), weight, target - fixedPart);
                continue;
            }

            theirs[1..].CopyTo(vector.AsSpan(1));
            solver.Add(vector, weight, target - fixedPart);
        }

        solver.Solve(side.KnownOf(number));
    }

    /// <summary>weight · (s − target)²/2 is the row's loss, or bounds it from above and touches it at the score as it stands.</summary>
    private (double Weight, double Target) Quadratic(int row)
    {
        var (weight, target) = (_rows.WeightOf(row), _rows.Targets[row]);
        if (_isRegression)
            return (weight, target);
        var score = Math.Abs(Score(row));

        // tanh(s/2)/(2s), whose limit at 0 is a quarter.
        var curvature = score < 1e-4 ? 0.25 - (score * score / 48) : Math.Tanh(score / 2) / (2 * score);
        return (weight * curvature, (target - 0.5) / curvature);
    }

    private double Score(int row)
    {
        var user = Users.KnownAt(row);
        var item = Items.KnownAt(row);
        var score = _center + (user.IsEmpty ? 0 : user[0]) + (item.IsEmpty ? 0 : item[0]);
        for (var f = 1; f < user.Length && !item.IsEmpty; f++)
            score += user[f] * item[f];
        return score;
    }

    private double Loss(double score, double target)
    {
        if (_isRegression)
            return 0.5 * (score - target) * (score - target);
        var margin = target == 1 ? score : -score;
        return Math.Max(0, -margin) + Math.Log(1 + Math.Exp(-Math.Abs(margin)));
    }

    private double Penalty(AlternatingSide side)
    {
        double sum = 0;
        for (var i = 0; i < side.Known.Length; i++)
            sum += (i % side.Width == 0 ? _l2Bias : _l2Factors) * side.Known[i] * side.Known[i];
        return 0.5 * sum;
    }
}

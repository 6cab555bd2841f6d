using System.Buffers;
using System.Numerics.Tensors;

namespace OrleansMl.Learning;

/// <summary>
/// The weighted mean of a loss over rows and the penalty, by the standardised weights of S linear scores. A point holds the dense
/// weights [S, D], the hashed ones [M, S] and the constants [S].
/// </summary>
internal sealed class LinearObjective : ISmoothObjective
{
    private const int PlacesInBlock = 4096;

    private readonly StandardizedRows _rows;
    private readonly BatchLoss _loss;
    private readonly double[] _targets;
    private readonly double _penalty;
    private readonly double _constantScale;
    private readonly CancellationToken _cancellationToken;
    private readonly FixedBlocks _rowBlocks;
    private readonly FixedBlocks _placeBlocks;
    private readonly double[][] _partial;
    private readonly double[] _hashedWeights;
    private readonly double[] _derivatives;

    /// <param name="rows">[N].</param>
    /// <param name="loss">Of a row.</param>
    /// <param name="targets">[N].</param>
    /// <param name="penalty">Of the plain weights: penalty · w²/2.</param>
    /// <param name="constantScale">The plain constant of a standardised one of 1.</param>
    /// <param name="threads">≥ 1.</param>
    /// <param name="cancellationToken">Stops an evaluation between blocks of rows.</param>
    public LinearObjective(StandardizedRows rows, BatchLoss loss, double[] targets, double penalty, double constantScale, int threads, CancellationToken cancellationToken)
    {
        (_rows, _loss, _targets, _penalty, _constantScale, _cancellationToken) = (rows, loss, targets, penalty, constantScale, cancellationToken);
        _rowBlocks = new FixedBlocks(rows.Rows.Count, threads);
        _placeBlocks = new FixedBlocks(rows.Hashed.Count, threads, PlacesInBlock);
        _partial = [.. Enumerable.Range(0, _rowBlocks.Count).Select(_ => new double[DenseLength + Scores + 1])];
        _hashedWeights = new double[rows.Hashed.Count * Scores];
        _derivatives = new double[rows.Hashed.Count > 0 ? rows.Rows.Count * Scores : 0];
    }

    public int Dimension => DenseLength + _hashedWeights.Length + Scores;

    /// <summary>S.</summary>
    public int Scores => _loss.Scores;

    /// <summary>[M]: places of the hashed table that have a weight.</summary>
    public int[] Places => _rows.Hashed.Places;

    /// <summary>The mean loss without the penalty at the last point.</summary>
    public double MeanLoss { get; private set; }

    private int Features => _rows.DenseScales.Length;

    private int DenseLength => Scores * Features;

    private int ConstantsAt => DenseLength + _hashedWeights.Length;

    public double Evaluate(double[] point, double[] gradient)
    {
        for (var i = 0; i < _hashedWeights.Length; i++)
            _hashedWeights[i] = point[DenseLength + i] * _rows.HashedScales[i / Scores];
        _rowBlocks.Run((block, from, to) => Pass(_partial[block], point, from, to), _cancellationToken);

        Array.Clear(gradient);
        double loss = 0;
        foreach (var partial in _partial)
        {
            TensorPrimitives.Add(gradient.AsSpan(0, DenseLength), partial.AsSpan(0, DenseLength), gradient);
            var constants = gradient.AsSpan(ConstantsAt);
            TensorPrimitives.Add(constants, partial.AsSpan(DenseLength, Scores), constants);
            loss += partial[^1];
        }

        _placeBlocks.Run((_, from, to) => Gather(gradient, from, to), _cancellationToken);
        MeanLoss = loss;
        return loss + Penalize(point, gradient);
    }

    /// <summary>The plain dense weight of one score.</summary>
    public double DenseWeight(double[] point, int score, int feature) => point[(score * Features) + feature] * _rows.DenseScales[feature];

    /// <summary>The plain weight of one place, by its number.</summary>
    public double HashedWeight(double[] point, int score, int number) => point[DenseLength + (number * Scores) + score] * _rows.HashedScales[number];

    /// <summary>The plain constant of one score, for rows with their means.</summary>
    public double Constant(double[] point, int score)
    {
        var constant = point[ConstantsAt + score] * _constantScale;
        for (var j = 0; j < Features; j++)
            constant -= DenseWeight(point, score, j) * _rows.Means[j];
        return constant;
    }

    /// <summary>A point with these constants and weights of 0.</summary>
    public double[] Start(ReadOnlySpan<double> constants)
    {
        var point = new double[Dimension];
        for (var s = 0; s < Scores; s++)
            point[ConstantsAt + s] = constants[s] / _constantScale;
        return point;
    }

    /// <summary>Losses and derivatives of a block of rows: into the partial sums, and by row for the hashed features.</summary>
    private void Pass(double[] partial, double[] point, int from, int to)
    {
        Array.Clear(partial);
        var rented = ArrayPool<double>.Shared.Rent(Features + Scores);
        var x = rented.AsSpan(0, Features);
        var scores = rented.AsSpan(Features, Scores);
        var (hashedCount, numbers, values) = (_rows.Rows.HashedCount, _rows.Hashed.Numbers, _rows.Rows.HashedValues);
        for (var row = from; row < to; row++)
        {
            _rows.Write(row, x);
            for (var s = 0; s < scores.Length; s++)
                scores[s] = (point[ConstantsAt + s] * _constantScale) + TensorPrimitives.Dot(point.AsSpan(s * Features, Features), x);
            for (var k = row * hashedCount; k < (row + 1) * hashedCount; k++)
            {
                if (numbers[k] >= 0)
                    Add(_hashedWeights.AsSpan(numbers[k] * Scores, Scores), values[k], scores);
            }

            var weight = _rows.Weights[row];
            partial[^1] += weight * _loss.Derive(scores, _targets[row]);
            TensorPrimitives.Multiply(scores, weight, scores);
            for (var s = 0; s < scores.Length; s++)
            {
                var part = partial.AsSpan(s * Features, Features);
                TensorPrimitives.MultiplyAdd(x, scores[s], part, part);
                partial[DenseLength + s] += scores[s] * _constantScale;
            }

            if (_derivatives.Length > 0)
                scores.CopyTo(_derivatives.AsSpan(row * Scores));
        }

        ArrayPool<double>.Shared.Return(rented);
    }

    /// <summary>The gradient by the weights of some places: each sums over its own rows, in their order.</summary>
    private void Gather(double[] gradient, int from, int to)
    {
        for (var p = from; p < to; p++)
        {
            var sum = gradient.AsSpan(DenseLength + (p * Scores), Scores);
            foreach (var entry in _rows.Hashed.EntriesOf(p))
                Add(_derivatives.AsSpan(_rows.Hashed.RowOf(entry) * Scores, Scores), _rows.Rows.HashedValues[entry], sum);
            TensorPrimitives.Multiply(sum, _rows.HashedScales[p], sum);
        }
    }

    /// <summary>Few classes, mostly: a plain loop is quicker than a call.</summary>
    private static void Add(ReadOnlySpan<double> from, double times, Span<double> to)
    {
        for (var s = 0; s < to.Length; s++)
            to[s] += from[s] * times;
    }

    private double Penalize(double[] point, double[] gradient)
    {
        if (_penalty == 0)
            return 0;
        double sum = 0;
        for (var i = 0; i < ConstantsAt; i++)
        {
            var scale = i < DenseLength ? _rows.DenseScales[i % Features] : _rows.HashedScales[(i - DenseLength) / Scores];
            gradient[i] += _penalty * scale * scale * point[i];
            sum += scale * scale * point[i] * point[i];
        }

        return 0.5 * _penalty * sum;
    }
}

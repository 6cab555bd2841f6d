using System.Numerics.Tensors;

namespace OrleansMl.Learning;

/// <summary>
/// The last steps with the change of the gradient along each: what L-BFGS knows of the curvature (Nocedal and Wright, 2006,
/// algorithm 7.4).
/// </summary>
internal sealed class CurvaturePairs(int memory, int dimension)
{
    /// <summary>A step along which the gradient changes less, of what it could, tells nothing but rounding.</summary>
    private const double LeastCurvature = 1e-14;

    private readonly double[][] _steps = new double[memory][];
    private readonly double[][] _changes = new double[memory][];
    private readonly double[] _products = new double[memory];
    private readonly double[] _alphas = new double[memory];
    private int _next;

    /// <summary>How many are held.</summary>
    public int Count { get; private set; }

    public void Clear() => (Count, _next) = (0, 0);

    /// <summary>Takes the step between two points; the oldest goes when there is no room.</summary>
    public void Add(double[] from, double[] to, double[] gradientFrom, double[] gradientTo)
    {
        var step = _steps[_next] ??= new double[dimension];
        var change = _changes[_next] ??= new double[dimension];
        TensorPrimitives.Subtract<double>(to, from, step);
        TensorPrimitives.Subtract<double>(gradientTo, gradientFrom, change);
        var product = TensorPrimitives.Dot<double>(step, change);
        if (!(product > LeastCurvature * TensorPrimitives.Norm<double>(step) * TensorPrimitives.Norm<double>(change)))
            return;
        _products[_next] = product;
        _next = (_next + 1) % memory;
        Count = Math.Min(Count + 1, memory);
    }

    /// <summary>Writes the quasi-Newton direction −H·gradient.</summary>
    public void Direction(double[] gradient, double[] direction)
    {
        TensorPrimitives.Negate<double>(gradient, direction);
        if (Count == 0)
            return;
        for (var back = 1; back <= Count; back++)
        {
            var i = Place(back);
            _alphas[i] = TensorPrimitives.Dot<double>(_steps[i], direction) / _products[i];
            TensorPrimitives.MultiplyAdd(_changes[i], -_alphas[i], direction, direction);
        }

        var last = Place(1);
        TensorPrimitives.Multiply(direction, _products[last] / TensorPrimitives.SumOfSquares<double>(_changes[last]), direction);
        for (var back = Count; back >= 1; back--)
        {
            var i = Place(back);
            var beta = TensorPrimitives.Dot<double>(_changes[i], direction) / _products[i];
            TensorPrimitives.MultiplyAdd(_steps[i], _alphas[i] - beta, direction, direction);
        }
    }

    private int Place(int back) => (_next - back + memory) % memory;
}

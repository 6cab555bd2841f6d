namespace OrleansMl.Learning;

/// <summary>Solves A x = b for small symmetric positive definite A, in room that is used again and again by one thread.</summary>
internal sealed class CholeskySolver(int size)
{
    private readonly double[] _matrix = new double[size * size];
    private readonly double[] _right = new double[size];

    /// <summary>Starts a system with a diagonal matrix.</summary>
    /// <param name="first">Its first number.</param>
    /// <param name="others">Its other numbers.</param>
    public void Begin(double first, double others)
    {
        Array.Clear(_matrix);
        Array.Clear(_right);
        for (var i = 0; i < size; i++)
            _matrix[(i * size) + i] = i == 0 ? first : others;
    }

    /// <summary>Adds weight · v vᵀ to A and weight · target · v to b.</summary>
    /// <param name="vector">At most [size]; the rest is 0.</param>
    /// <param name="weight">≥ 0.</param>
    /// <param name="target">What v x should be.</param>
    public void Add(ReadOnlySpan<double> vector, double weight, double target)
    {
        for (var i = 0; i < vector.Length; i++)
        {
            var scaled = weight * vector[i];
            _right[i] += scaled * target;
            var row = _matrix.AsSpan(i * size, i + 1);
            for (var j = 0; j < row.Length; j++)
                row[j] += scaled * vector[j];
        }
    }

    /// <summary>Writes x, [size]. The system is used up.</summary>
    public void Solve(Span<double> solution)
    {
        for (var i = 0; i < size; i++)
        {
            var row = _matrix.AsSpan(i * size, i + 1);
            for (var j = 0; j <= i; j++)
            {
                var other = _matrix.AsSpan(j * size, j + 1);
                var sum = row[j];
                for (var k = 0; k < j; k++)
                    sum -= row[k] * other[k];
                row[j] = i == j ? Math.Sqrt(sum) : sum / other[j];
            }
        }

        for (var i = 0; i < size; i++)
        {
            var sum = _right[i];
            for (var k = 0; k < i; k++)
                sum -= _matrix[(i * size) + k] * solution[k];
            solution[i] = sum / _matrix[(i * size) + i];
        }

        for (var i = size - 1; i >= 0; i--)
        {
            var sum = solution[i];
            for (var k = i + 1; k < size; k++)
                sum -= _matrix[(k * size) + i] * solution[k];
            solution[i] = sum / _matrix[(i * size) + i];
        }
    }
}

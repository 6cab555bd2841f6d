namespace OrleansMl.Learning;

/// <summary>
/// Points with their clusters. Of each point an upper bound of the distance to its own centre and a lower bound of that to any other
/// are kept; while they do not meet, the point stays without a look at the centres.
/// </summary>
internal sealed class HamerlyClusters
{
    private readonly double[] _points;
    private readonly int _columns;
    private readonly int _count;
    private readonly int _k;
    private readonly int[] _cluster;
    private readonly double[] _upper;
    private readonly double[] _lower;
    private readonly double[] _halfGaps;
    private readonly double[] _before;
    private readonly double[] _shifts;
    private readonly int[] _sizes;

    public HamerlyClusters(double[] points, int columns, double[] centres)
    {
        (_points, _columns, Centres) = (points, columns, centres);
        (_count, _k) = (points.Length / columns, centres.Length / columns);
        (_cluster, _upper, _lower) = (new int[_count], new double[_count], new double[_count]);
        (_halfGaps, _before, _shifts, _sizes) = (new double[_k], new double[centres.Length], new double[_k], new int[_k]);
        Array.Fill(_cluster, -1);
        Array.Fill(_upper, double.PositiveInfinity);
    }

    /// <summary>[K, M].</summary>
    public double[] Centres { get; }

    /// <summary>Gives each point to its nearest centre, as far as the bounds leave doubt; true when one moved.</summary>
    public bool Assign()
    {
        FindGaps();
        var moved = false;
        for (var i = 0; i < _count; i++)
        {
            var own = _cluster[i];
            if (own >= 0)
            {
                var bound = Math.Max(_halfGaps[own], _lower[i]);
                if (_upper[i] <= bound)
                    continue;
                _upper[i] = Distance(i, own);
                if (_upper[i] <= bound)
                    continue;
            }

            moved |= Search(i);
        }

        return moved;
    }

    /// <summary>The same without bounds, whose rounding may have hidden a move.</summary>
    public bool AssignAnew()
    {
        var moved = false;
        for (var i = 0; i < _count; i++)
            moved |= Search(i);
        return moved;
    }

    /// <summary>Moves each centre to the mean of its points, and the bounds with it.</summary>
    public void Move()
    {
        Centres.CopyTo(_before, 0);
        FindMeans();
        if (Array.IndexOf(_sizes, 0) >= 0)
        {
            FillEmpty();
            FindMeans();
            Array.Fill(_upper, double.PositiveInfinity);
            Array.Clear(_lower);
            return;
        }

        double most = 0;
        for (var c = 0; c < _k; c++)
        {
            _shifts[c] = Math.Sqrt(KMeans.SquaredDistance(_before.AsSpan(c * _columns, _columns), Centre(c)));
            most = Math.Max(most, _shifts[c]);
        }

        for (var i = 0; i < _count; i++)
        {
            _upper[i] += _shifts[_cluster[i]];
            _lower[i] -= most;
        }
    }

    /// <summary>The sum of the squared distances of all points to their centres.</summary>
    public double Inertia()
    {
        double sum = 0;
        for (var i = 0; i < _count; i++)
            sum += KMeans.SquaredDistance(Point(i), Centre(_cluster[i]));
        return sum;
    }

    private void FindGaps()
    {
        Array.Fill(_halfGaps, double.PositiveInfinity);
        for (var a = 0; a < _k; a++)
        {
            for (var b = 0; b < a; b++)
            {
                var half = 0.5 * Math.Sqrt(KMeans.SquaredDistance(Centre(a), Centre(b)));
                _halfGaps[a] = Math.Min(_halfGaps[a], half);
                _halfGaps[b] = Math.Min(_halfGaps[b], half);
            }
        }
    }

    private bool Search(int i)
    {
        var (nearest, first, second) = (0, double.PositiveInfinity, double.PositiveInfinity);
        for (var c = 0; c < _k; c++)
        {
            var distance = Distance(i, c);
            if (distance < first)
                (nearest, first, second) = (c, distance, first);
            else if (distance < second)
                second = distance;
        }

        (_upper[i], _lower[i]) = (first, second);
        if (nearest == _cluster[i])
            return false;
        _cluster[i] = nearest;
        return true;
    }

    private void FindMeans()
    {
        Array.Clear(Centres);
        Array.Clear(_sizes);
        for (var i = 0; i < _count; i++)
        {
            _sizes[_cluster[i]]++;
            var (point, centre) = (i * _columns, _cluster[i] * _columns);
            for (var j = 0; j < _columns; j++)
                Centres[centre + j] += _points[point + j];
        }

        for (var c = 0; c < _k; c++)
        {
            for (var j = 0; j < _columns && _sizes[c] > 0; j++)
                Centres[(c * _columns) + j] /= _sizes[c];
        }
    }

    /// <summary>Each empty cluster takes the point that was farthest from its centre, from a cluster that has others.</summary>
    private void FillEmpty()
    {
        var distances = Enumerable.Range(0, _count).Select(i => KMeans.SquaredDistance(Point(i), _before.AsSpan(_cluster[i] * _columns, _columns))).ToArray();
        var farthest = Enumerable.Range(0, _count).OrderByDescending(i => distances[i]).ToArray();
        var next = 0;
        for (var c = 0; c < _k; c++)
        {
            if (_sizes[c] > 0)
                continue;
            while (_sizes[_cluster[farthest[next]]] == 1)
                next++;
            _sizes[_cluster[farthest[next]]]--;
            _cluster[farthest[next]] = c;
            _sizes[c] = 1;
        }
    }

    private double Distance(int i, int c) => Math.Sqrt(KMeans.SquaredDistance(Point(i), Centre(c)));

    private ReadOnlySpan<double> Point(int i) => _points.AsSpan(i * _columns, _columns);

    private ReadOnlySpan<double> Centre(int c) => Centres.AsSpan(c * _columns, _columns);
}

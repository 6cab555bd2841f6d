using System.Numerics;

namespace OrleansMl.Inference;

/// <summary>
/// How far a batch is worth filling, learned from the batches that ran. A network that is bound by memory does its rows
/// faster in small batches, since a large one leaves the processor's cache; then callers need not wait for the others'
/// rows either. Sizes are looked at by powers of two. Not thread-safe.
/// </summary>
internal sealed class BatchGrowth
{
    /// <summary>Part by which the rows of a smaller batch must be faster before it is preferred: less is noise.</summary>
    private const double Margin = 0.08;

    /// <summary>Batches of a size before it is judged, and after which the fastest of those before them is forgotten.</summary>
    private const int Enough = 8;

    /// <summary>Batches of a size that are enough where they took <see cref="LongSeconds"/> together: so long ones differ little.</summary>
    private const int EnoughLong = 3;

    private const double LongSeconds = 0.1;

    /// <summary>Batches between two that are filled, or not, whatever was learned: what was true of one load need not be of the next.</summary>
    private const int TryEvery = 64;

    /// <summary>Once full batches are judged: batches between two of a size that is not.</summary>
    private const int LookEvery = 4;

    /// <summary>Shapes that are learned of; requests of others fill their batches.</summary>
    private const int MaxShapes = 16;

    private readonly Dictionary<BatchKey, Sizes> _shapes = [];

    /// <summary>Rows to which a batch of this shape is to be filled.</summary>
    /// <param name="key">The shape.</param>
    /// <param name="rows">As many as there are, up to the largest batch; ≥ 1.</param>
    /// <param name="least">Rows of the request that comes first: no batch is smaller, so smaller ones are not looked at.</param>
    public int Limit(BatchKey key, int rows, int least = 1) => _shapes.TryGetValue(key, out var sizes) ? sizes.Limit(rows, least) : rows;

    /// <summary>Rows of this shape that pay off together, by what is known; never more than those.</summary>
    public int Worth(BatchKey key, int rows) => _shapes.TryGetValue(key, out var sizes) ? sizes.Worth(rows) : rows;

    /// <summary>Rows of this shape are known to be about as fast in a smaller batch as in a larger one.</summary>
    public bool IsAsFast(BatchKey key, int smaller, int larger) => _shapes.TryGetValue(key, out var sizes) && sizes.IsAsFast(smaller, larger);

    /// <summary>A batch has run.</summary>
    public void Ran(BatchKey key, int rows, TimeSpan took)
    {
        if (key.IsAlone || rows < 1)
            return;
        if (!_shapes.TryGetValue(key, out var sizes))
        {
            if (_shapes.Count == MaxShapes)
                return;
            _shapes.Add(key, sizes = new Sizes());
        }

        sizes.Ran(rows, took);
    }

    /// <summary>0 for one row, 1 for two, 2 for three and four, and so on.</summary>
    private static int ClassOf(int rows) => rows == 1 ? 0 : BitOperations.Log2((uint)rows - 1) + 1;

    /// <summary>
    /// The fastest of the last batches of each size. Not their mean: whatever else runs on the machine makes single batches
    /// many times slower, none faster.
    /// </summary>
    private sealed class Sizes
    {
        private readonly double[] _now = Filled();
        private readonly double[] _before = Filled();
        private readonly double[] _seconds = new double[32];
        private readonly int[] _count = new int[32];
        private int _calls;
        private int _limited;

        public int Limit(int rows, int least)
        {
            var (full, smallest) = (ClassOf(rows), ClassOf(least));
            if (!IsJudged(full) || full <= smallest)
                return rows;
            _calls++;
            if (_calls % LookEvery == 0 && Unknown(full, smallest) is { } unknown)
                return 1 << unknown;
            if (_calls % TryEvery == 0)
                return 1 << (smallest + (_calls / TryEvery % (full - smallest)));
            var worth = Worth(rows);
            return worth == rows || ++_limited % TryEvery == 0 ? rows : worth;
        }

        /// <summary>What was found best, without trying anything.</summary>
        public int Worth(int rows)
        {
            var full = ClassOf(rows);
            if (!IsJudged(full))
                return rows;
            var best = full;
            for (var size = 0; size < full; size++)
            {
                if (IsJudged(size) && Fastest(size) < Fastest(best))
                    best = size;
            }

            return best == full || Fastest(best) > (1 - Margin) * Fastest(full) ? rows : 1 << best;
        }

        public bool IsAsFast(int smaller, int larger) =>
            (ClassOf(smaller), ClassOf(larger)) is var (small, large) && IsJudged(small) && IsJudged(large) && Fastest(small) <= (1 + Margin) * Fastest(large);

        public void Ran(int rows, TimeSpan took)
        {
            var size = ClassOf(rows);
            _now[size] = Math.Min(_now[size], took.TotalSeconds / rows);
            _seconds[size] += took.TotalSeconds;
            if (++_count[size] < (_seconds[size] >= LongSeconds ? EnoughLong : Enough))
                return;
            (_before[size], _now[size], _count[size], _seconds[size]) = (_now[size], double.PositiveInfinity, 0, 0);
        }

        /// <summary>The largest size under this one that is not judged; null: all are.</summary>
        private int? Unknown(int full, int smallest)
        {
            for (var size = full - 1; size >= smallest; size--)
            {
                if (!IsJudged(size))
                    return size;
            }

            return null;
        }

        private bool IsJudged(int size) => !double.IsInfinity(_before[size]);

        private double Fastest(int size) => Math.Min(_before[size], _now[size]);

        private static double[] Filled()
        {
            var times = new double[32];
            Array.Fill(times, double.PositiveInfinity);
            return times;
        }
    }
}

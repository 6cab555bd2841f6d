namespace OrleansMl.Learning;

/// <summary>
/// A sample of the rows that came by, with their labels and weights. Uniform: after n rows each is held with the same probability
/// (Vitter 1985, algorithm R). Balanced: classes share the places as evenly as they can, each uniform within itself (Chrysakis and
/// Moens 2020, algorithm 1).
/// </summary>
internal sealed class Reservoir(int capacity, int width, int classes, bool balanced)
{
    private readonly List<int> _members = [];
    private readonly long[] _seenOf = balanced ? new long[classes] : [];
    private readonly int[] _heldOf = balanced ? new int[classes] : [];
    private readonly bool[] _wasLargest = balanced ? new bool[classes] : [];
    private double[] _rows = [];
    private double[] _labels = [];
    private double[] _weights = [];

    /// <summary>Rows held, at most the capacity.</summary>
    public int Count { get; private set; }

    /// <summary>Rows that came by.</summary>
    public long Seen { get; private set; }

    public ReadOnlySpan<double> this[int place] => _rows.AsSpan(place * width, width);

    public double LabelOf(int place) => _labels[place];

    public double WeightOf(int place) => _weights[place];

    /// <summary>Takes the row, in place of another one where it is full, or lets it go by.</summary>
    public void Offer(ReadOnlySpan<double> row, double label, double weight, ref SplitMix64 draw)
    {
        if (capacity == 0)
            return;
        Seen++;
        if (balanced)
            _seenOf[(int)label]++;
        if (Count < capacity)
        {
            Grow();
            Put(Count++, row, label, weight, isNew: true);
        }
        else if (PlaceFor(label, ref draw) is >= 0 and var place)
        {
            Put(place, row, label, weight, isNew: false);
        }
    }

    public void Write(BinaryWriter writer)
    {
        // What a network gives is single precision: half the bytes.
        var isSingle = IsSingle(_rows.AsSpan(0, Count * width));
        writer.Write(Seen);
        writer.Write(Count);
        writer.Write(isSingle);
        for (var i = 0; i < Count * width; i++)
        {
            if (isSingle)
                writer.Write((float)_rows[i]);
            else
                writer.Write(_rows[i]);
        }

        for (var i = 0; i < Count; i++)
        {
            writer.Write(_labels[i]);
            writer.Write(_weights[i]);
        }

        for (var c = 0; c < _seenOf.Length; c++)
        {
            writer.Write(_seenOf[c]);
            writer.Write(_wasLargest[c]);
        }
    }

    /// <summary>Reads what <see cref="Write"/> wrote of a reservoir of the same capacity and width, and at most as many classes.</summary>
    /// <exception cref="LearnerException">It holds more rows than there are places.</exception>
    public void Read(BinaryReader reader, int storedClasses)
    {
        (Seen, var count) = (reader.ReadInt64(), reader.ReadInt32());
        if (count < 0 || count > capacity)
            throw new LearnerException($"The saved reservoir has {count} rows; there is room for {capacity}.");
        var isSingle = reader.ReadBoolean();
        (_rows, _labels, _weights) = (new double[count * width], new double[count], new double[count]);
        for (var i = 0; i < _rows.Length; i++)
            _rows[i] = isSingle ? reader.ReadSingle() : reader.ReadDouble();
        Count = count;
        for (var i = 0; i < count; i++)
        {
            (_labels[i], _weights[i]) = (reader.ReadDouble(), reader.ReadDouble());
            if (balanced)
                _heldOf[(int)_labels[i]]++;
        }

        for (var c = 0; balanced && c < storedClasses; c++)
            (_seenOf[c], _wasLargest[c]) = (reader.ReadInt64(), reader.ReadBoolean());
    }

    /// <summary>The place of the row that goes; −1: the new one does.</summary>
    private int PlaceFor(double label, ref SplitMix64 draw)
    {
        if (!balanced)
        {
            var among = draw.Next(Seen);
            return among < capacity ? (int)among : -1;
        }

        var most = _heldOf.Max();
        for (var c = 0; c < classes; c++)
            _wasLargest[c] |= _heldOf[c] == most;
        var own = (int)label;
        if (!_wasLargest[own])
            return AnyOf(static (held, label, most) => held[label] == most, most, ref draw);
        return draw.Next(_seenOf[own]) < _heldOf[own] ? AnyOf((_, other, _) => other == own, most, ref draw) : -1;
    }

    private int AnyOf(Func<int[], int, int, bool> isOne, int most, ref SplitMix64 draw)
    {
        _members.Clear();
        for (var i = 0; i < Count; i++)
        {
            if (isOne(_heldOf, (int)_labels[i], most))
                _members.Add(i);
        }

        return _members[draw.Next(_members.Count)];
    }

    private void Put(int place, ReadOnlySpan<double> row, double label, double weight, bool isNew)
    {
        if (balanced && !isNew)
            _heldOf[(int)_labels[place]]--;
        if (balanced)
            _heldOf[(int)label]++;
        row.CopyTo(_rows.AsSpan(place * width, width));
        (_labels[place], _weights[place]) = (label, weight);
    }

    private static bool IsSingle(ReadOnlySpan<double> values)
    {
        foreach (var value in values)
        {
            if ((float)value != value)
                return false;
        }

        return true;
    }

    private void Grow()
    {
        if (Count < _labels.Length)
            return;
        var places = Math.Min(capacity, Math.Max(16, 2 * _labels.Length));
        Array.Resize(ref _rows, places * width);
        Array.Resize(ref _labels, places);
        Array.Resize(ref _weights, places);
    }
}

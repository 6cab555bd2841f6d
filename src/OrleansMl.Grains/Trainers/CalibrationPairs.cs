namespace OrleansMl.Trainers;

/// <summary>
/// The newest predictions of a learner, each made before its label was learned, with the labels: what a calibration is fitted
/// on. A ring, so that memory is bounded and what the learner was long ago is forgotten.
/// </summary>
internal sealed class CalibrationPairs
{
    /// <summary>Pairs kept.</summary>
    public const int Capacity = 2000;

    private const byte Version = 1;

    private readonly List<(double Prediction, double Label)> _pairs = [];
    private int _next;

    public int Count => _pairs.Count;

    public void Add(double prediction, double label)
    {
        var pair = (Math.Clamp(prediction, 0, 1), label);
        if (_pairs.Count < Capacity)
            _pairs.Add(pair);
        else
            _pairs[_next] = pair;
        _next = (_next + 1) % Capacity;
    }

    /// <summary>In no order that matters.</summary>
    public (double[] Predictions, double[] Labels) ToArrays() => ([.. _pairs.Select(p => p.Prediction)], [.. _pairs.Select(p => p.Label)]);

    public byte[] Save()
    {
        using var stream = new MemoryStream(9 + (16 * _pairs.Count));
        using (var writer = new BinaryWriter(stream))
        {
            writer.Write(Version);
            writer.Write(_next);
            writer.Write(_pairs.Count);
            foreach (var (prediction, label) in _pairs)
            {
                writer.Write(prediction);
                writer.Write(label);
            }
        }

        return stream.ToArray();
    }

    /// <exception cref="InvalidDataException">Of a version that is not known here, or damaged.</exception>
    public static CalibrationPairs Restore(byte[] state)
    {
        using var reader = new BinaryReader(new MemoryStream(state, writable: false));
        if (reader.ReadByte() is var version && version != Version)
            throw new InvalidDataException($"Calibration pairs of version {version} are not known here; {Version} is.");
        var pairs = new CalibrationPairs { _next = reader.ReadInt32() };
        var count = reader.ReadInt32();
        if (count is < 0 or > Capacity || pairs._next is < 0 or >= Capacity || state.Length != 9 + (16 * count))
            throw new InvalidDataException($"{count} calibration pairs in {state.Length} bytes are damaged.");
        for (var i = 0; i < count; i++)
            pairs._pairs.Add((reader.ReadDouble(), reader.ReadDouble()));
        return pairs;
    }
}

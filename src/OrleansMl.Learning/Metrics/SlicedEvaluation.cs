using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>
/// The same figures over all rows and for each slice (a city, a segment): a gain on average can hide a harm to a few.
/// Slices past <see cref="MaxSlices"/> count together as <see cref="Others"/>, so that an open set of names costs bounded room.
/// </summary>
public sealed class SlicedEvaluation
{
    public const int DefaultMaxSlices = 100;

    /// <summary>The name under which slices that no longer had a place are counted.</summary>
    public const string Others = "(others)";

    private const string Kind = "sliced_evaluation";
    private const byte Version = 1;

    private readonly bool _binary;
    private readonly int _window;
    private readonly double _fading;
    private readonly SortedDictionary<string, ComparedEvaluation> _slices = new(StringComparer.Ordinal);

    /// <param name="binary">True for probabilities.</param>
    /// <param name="maxSlices">Slices with figures of their own, ≥ 1.</param>
    public SlicedEvaluation(bool binary, int maxSlices = DefaultMaxSlices, int window = PrequentialMean.DefaultWindow, double fading = PrequentialMean.DefaultFading)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxSlices, 1);
        (_binary, MaxSlices, _window, _fading) = (binary, maxSlices, window, fading);
        All = Make();
    }

    public int MaxSlices { get; }

    /// <summary>Over all rows.</summary>
    public ComparedEvaluation All { get; private init; }

    /// <summary>By name, in ordinal order.</summary>
    public ImmutableArray<KeyValuePair<string, ComparedEvaluation>> Slices => [.. _slices];

    /// <summary>Scores one row in all and in its slice. Baselines of a slice learn from that slice alone.</summary>
    /// <exception cref="ArgumentException">No name.</exception>
    public void Add(string slice, double prediction, double label)
    {
        ArgumentException.ThrowIfNullOrEmpty(slice);
        All.Add(prediction, label);
        Place(slice).Add(prediction, label);
    }

    /// <summary>Versioned bytes; <see cref="Restore"/> goes on bit for bit.</summary>
    public byte[] Save() => StateEnvelope.Seal(Kind, Version, writer =>
    {
        writer.Write(_binary);
        writer.Write(MaxSlices);
        writer.Write(_window);
        writer.Write(_fading);
        Write(writer, All);
        writer.Write(_slices.Count);
        foreach (var (name, evaluation) in _slices)
        {
            writer.Write(name);
            Write(writer, evaluation);
        }
    });

    /// <exception cref="LearnerException">Damaged, or of another kind or version.</exception>
    public static SlicedEvaluation Restore(ReadOnlySpan<byte> state) => StateEnvelope.Open(state, (kind, version, reader) =>
    {
        if ((kind, version) is not (Kind, Version))
            throw new LearnerException($"The saved state is {kind} of version {version}, not {Kind} of version {Version}.");
        var sliced = new SlicedEvaluation(reader.ReadBoolean(), reader.ReadInt32(), reader.ReadInt32(), reader.ReadDouble()) { All = Read(reader) };
        for (var left = reader.ReadInt32(); left > 0; left--)
            sliced._slices[reader.ReadString()] = Read(reader);
        return sliced;
    });

    private static void Write(BinaryWriter writer, ComparedEvaluation evaluation)
    {
        var bytes = evaluation.Save();
        writer.Write(bytes.Length);
        writer.Write(bytes);
    }

    private static ComparedEvaluation Read(BinaryReader reader) => ComparedEvaluation.Restore(reader.ReadBytes(reader.ReadInt32()));

    private ComparedEvaluation Place(string slice)
    {
        if (_slices.TryGetValue(slice, out var found))
            return found;
        var own = _slices.Count - (_slices.ContainsKey(Others) ? 1 : 0) < MaxSlices;
        var name = own ? slice : Others;
        return _slices.TryGetValue(name, out found) ? found : _slices[name] = Make();
    }

    private ComparedEvaluation Make() => new(_binary, _window, _fading);
}

using System.Security.Cryptography;
using OrleansMl.Learning;

namespace OrleansMl.Live;

/// <summary>
/// What a trainer keeps for the copies of its learner: the last updates, in a ring of bounded size, and now and then one whole
/// state for those whom the updates do not reach. It belongs to one learner: where another takes its place, another feed begins.
/// </summary>
internal sealed class LiveFeed
{
    /// <summary>Updates and bytes of updates that are kept at most.</summary>
    public const int MaxRows = 16_384;
    public const int MaxBytes = 8 << 20;

    /// <summary>Bytes of rows or of a state in one answer at most (one row, where a row is longer).</summary>
    public const int MaxAnswer = 1 << 20;

    private static readonly TimeSpan KeepState = TimeSpan.FromSeconds(30);

    private readonly string _pipeline;
    private readonly int _length;
    private readonly int _capacity;
    private byte[]? _ring;
    private long _first;
    private (long Revision, ReadOnlyMemory<byte> Hash) _check;
    private (long Revision, byte[] Bytes, long Read)? _state;

    /// <param name="learner">Whose updates.</param>
    /// <param name="pipeline">The pipeline that its rows have passed.</param>
    /// <param name="revision">Where the learner stands.</param>
    public LiveFeed(ILearner learner, FittedPipeline pipeline, long revision)
    {
        Learner = learner;
        _pipeline = pipeline.ToJson();
        _length = new LiveRow(pipeline.DenseCount, pipeline.HashedCount).Length;
        _capacity = Math.Clamp(MaxBytes / _length, 1, MaxRows);
        (_first, Revision) = (revision, revision);
    }

    public ILearner Learner { get; }

    public Guid Epoch { get; } = Guid.NewGuid();

    /// <summary>Of the learner, after the last update.</summary>
    public long Revision { get; private set; }

    /// <summary>An update that the learner has made.</summary>
    public void Add(in FeatureSpan x, double label, double weight)
    {
        _ring ??= new byte[_capacity * _length];
        LiveRow.Write(_ring.AsSpan((int)(Revision % _capacity) * _length, _length), x, label, weight);
        Revision++;
        _first = Math.Max(_first, Revision - _capacity);
    }

    /// <summary>The learner's saved state at the present revision, so that copies can be compared with it.</summary>
    /// <param name="saved">As <see cref="ILearner.Save"/> wrote it; its last bytes are the checksum of the others.</param>
    public void Check(ReadOnlySpan<byte> saved) => _check = (Revision, saved[^SHA256.HashSizeInBytes..].ToArray());

    /// <summary>Updates lead from there to the present.</summary>
    public bool Covers(long revision) => revision >= _first && revision <= Revision;

    /// <summary>Updates after a revision that is covered; the position is left to the caller.</summary>
    public LiveUpdates After(long revision)
    {
        var count = (int)Math.Min(Revision - revision, Math.Max(1, MaxAnswer / _length));
        var rows = new byte[count * _length];
        for (var i = 0; i < count; i++)
            _ring.AsSpan((int)((revision + i) % _capacity) * _length, _length).CopyTo(rows.AsSpan(i * _length));
        var isChecked = _check.Revision > 0 && _check.Revision >= revision && _check.Revision <= revision + count;
        return new LiveUpdates
        {
            Position = new LivePosition(0, 0, Epoch, revision + count),
            Latest = Revision,
            Rows = rows,
            CheckRevision = isChecked ? _check.Revision : 0,
            Check = isChecked ? _check.Hash : default,
        };
    }

    /// <summary>
    /// A whole state to begin with: the one at hand while updates lead on from it, so that many followers cost one, else the
    /// present one.
    /// </summary>
    public LiveUpdates Whole()
    {
        if (_state is not { } known || !Covers(known.Revision))
            _state = known = (Revision, LiveState.Write(_pipeline, Learner.Save()), 0);
        Touch();
        return new LiveUpdates { Position = new LivePosition(0, 0, Epoch, known.Revision), Latest = Revision, StateLength = known.Bytes.Length };
    }

    /// <summary>A part of the state that <see cref="Whole"/> offered; empty: it is not kept any more.</summary>
    public ReadOnlyMemory<byte> Part(long revision, long offset)
    {
        if (_state is not { } known || known.Revision != revision || offset < 0 || offset >= known.Bytes.Length)
            return default;
        Touch();
        return known.Bytes.AsMemory((int)offset, (int)Math.Min(MaxAnswer, known.Bytes.Length - offset));
    }

    /// <summary>Lets go of a whole state that nobody reads any more.</summary>
    public void Trim()
    {
        if (_state is { } known && Environment.TickCount64 - known.Read > KeepState.TotalMilliseconds)
            _state = null;
    }

    private void Touch() => _state = _state!.Value with { Read = Environment.TickCount64 };
}

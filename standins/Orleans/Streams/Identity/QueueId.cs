namespace Orleans.Streams;

/// <summary>One queue of a provider, with its place on the ring of hashes.</summary>
[GenerateSerializer, Immutable]
public readonly struct QueueId : IEquatable<QueueId>, IComparable<QueueId>, ISpanFormattable
{
    private readonly string? _prefix;
    private readonly uint _id;
    private readonly uint _hash;

    private QueueId(string prefix, uint id, uint hash)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        _prefix = prefix;
        _id = id;
        _hash = hash;
    }

    public bool IsDefault => _prefix is null;

    public static QueueId GetQueueId(string queueName, uint queueId, uint hash) => new(queueName, queueId, hash);

    public string GetStringNamePrefix() => _prefix!;

    public uint GetNumericId() => _id;

    public uint GetUniformHashCode() => _hash;

    public bool Equals(QueueId other) => _id == other._id && _hash == other._hash && _prefix == other._prefix;

    public override bool Equals(object? obj) => obj is QueueId other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(_id, _hash, _prefix);

    public int CompareTo(QueueId other)
    {
        var byId = _id.CompareTo(other._id);
        if (byId != 0)
            return byId;
        var byPrefix = string.CompareOrdinal(_prefix, other._prefix);
        return byPrefix != 0 ? byPrefix : _hash.CompareTo(other._hash);
    }

    public override string ToString() => $"{_prefix?.ToLowerInvariant()}-{_id}";

    public string ToStringWithHashCode() => $"{ToString()}-0x{_hash:X8}";

    string IFormattable.ToString(string? format, IFormatProvider? formatProvider) => format == "H" ? ToStringWithHashCode() : ToString();

    bool ISpanFormattable.TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider) =>
        destination.TryWrite($"{(format is "H" ? ToStringWithHashCode() : ToString())}", out charsWritten);

    public static bool operator ==(QueueId left, QueueId right) => left.Equals(right);

    public static bool operator !=(QueueId left, QueueId right) => !left.Equals(right);
}

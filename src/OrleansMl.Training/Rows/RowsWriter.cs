using System.Security.Cryptography;
using OrleansMl.Learning;

namespace OrleansMl.Training;

/// <summary>
/// Writes rows for a training, one after the other, and hashes them while they go by. Little-endian: 8 bytes <c>OMLROWS1</c>, then
/// of each row the two times in ticks, weight and label, the numbers as float64 (NaN is missing), and of each text a number (int32):
/// −1 is missing, that of a text that was there before is its place among all texts, else the next place, and the text follows.
/// </summary>
public sealed class RowsWriter : IDisposable
{
    internal static ReadOnlySpan<byte> Magic => "OMLROWS1"u8;

    private readonly Dictionary<string, int> _texts = new(StringComparer.Ordinal);
    private readonly RowSchema _schema;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly MemoryStream _buffer = new(1 << 17);
    private readonly BinaryWriter _writer;
    private readonly Stream _target;

    /// <param name="target">Empty; it stays open.</param>
    /// <param name="schema">Columns of the rows.</param>
    public RowsWriter(Stream target, RowSchema schema)
    {
        (_target, _schema) = (target, schema);
        _writer = new BinaryWriter(_buffer);
        _writer.Write(Magic);
    }

    /// <summary>Rows written.</summary>
    public int Count { get; private set; }

    /// <summary>Appends a row.</summary>
    /// <exception cref="ArgumentException">The row has other columns, or a weight that is not above 0.</exception>
    public void Add(in LabelledRow row)
    {
        if (row.Row.Numeric.Length != _schema.NumericCount || row.Row.Categorical.Length != _schema.CategoricalCount)
            throw new ArgumentException($"The row holds {row.Row.Numeric.Length} numbers and {row.Row.Categorical.Length} texts; the file takes {_schema.NumericCount} and {_schema.CategoricalCount}.", nameof(row));
        if (!(row.Weight > 0) || !double.IsFinite(row.Weight))
            throw new ArgumentException($"The weight of a row is {row.Weight}; it must be finite and above 0.", nameof(row));
        _writer.Write(row.Made.Ticks);
        _writer.Write(row.Known.Ticks);
        _writer.Write(row.Weight);
        _writer.Write(row.Label);
        foreach (var number in row.Row.Numeric)
            _writer.Write(number);
        foreach (var text in row.Row.Categorical)
            Write(text);
        Count++;
        if (_buffer.Length >= 1 << 16)
            Flush();
    }

    /// <summary>Writes out what is left; answers with the SHA-256 of the file in lower-case hexadecimal.</summary>
    public string Complete()
    {
        Flush();
        _target.Flush();
        return Convert.ToHexStringLower(_hash.GetHashAndReset());
    }

    public void Dispose()
    {
        _writer.Dispose();
        _buffer.Dispose();
        _hash.Dispose();
    }

    private void Write(string? text)
    {
        if (text is null)
        {
            _writer.Write(-1);
        }
        else if (_texts.TryGetValue(text, out var place))
        {
            _writer.Write(place);
        }
        else
        {
            _writer.Write(_texts.Count);
            _writer.Write(text);
            _texts.Add(text, _texts.Count);
        }
    }

    private void Flush()
    {
        _writer.Flush();
        var written = _buffer.GetBuffer().AsSpan(0, (int)_buffer.Length);
        _hash.AppendData(written);
        _target.Write(written);
        _buffer.SetLength(0);
    }
}

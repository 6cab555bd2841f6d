using System.Runtime.InteropServices;

namespace OrleansMl.Training;

/// <summary>
/// Named columns of as many numbers, between a silo and the work. As a file, little-endian: 8 bytes <c>OMLNUMS1</c>, counts of columns
/// and rows (int32), and of each column the name and float64s.
/// </summary>
public sealed class NumberTable
{
    private static ReadOnlySpan<byte> Magic => "OMLNUMS1"u8;

    private readonly List<KeyValuePair<string, double[]>> _columns = [];

    /// <summary>Names in order.</summary>
    public IEnumerable<string> Names => _columns.Select(column => column.Key);

    /// <summary>Length of each column.</summary>
    public int Count => _columns.Count == 0 ? 0 : _columns[0].Value.Length;

    /// <summary>A column; null: there is none of this name.</summary>
    public double[]? Find(string name) => _columns.Find(column => column.Key == name).Value;

    /// <exception cref="KeyNotFoundException">There is none of this name.</exception>
    public double[] this[string name] => Find(name) ?? throw new KeyNotFoundException($"There is no column '{name}' among {string.Join(", ", Names)}.");

    /// <exception cref="ArgumentException">The column has another length than those before.</exception>
    public NumberTable With(string name, double[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (_columns.Count > 0 && values.Length != Count)
            throw new ArgumentException($"Column '{name}' has {values.Length} numbers; the others have {Count}.", nameof(values));
        _columns.Add(new(name, values));
        return this;
    }

    public void Write(string file)
    {
        using var stream = File.Create(file);
        using var writer = new BinaryWriter(stream);
        writer.Write(Magic);
        writer.Write(_columns.Count);
        writer.Write(Count);
        foreach (var (name, values) in _columns)
        {
            writer.Write(name);
            writer.Write(MemoryMarshal.AsBytes(values.AsSpan()));
        }
    }

    /// <exception cref="InvalidDataException">It is no such file, or it is damaged.</exception>
    public static NumberTable Read(string file)
    {
        using var stream = File.OpenRead(file);
        using var reader = new BinaryReader(stream);
        try
        {
            if (!reader.ReadBytes(Magic.Length).AsSpan().SequenceEqual(Magic))
                throw new InvalidDataException($"'{file}' is no table of numbers.");
            var (columns, rows) = (reader.ReadInt32(), reader.ReadInt32());
            if (columns < 0 || rows < 0 || (long)columns * rows * sizeof(double) > stream.Length)
                throw new InvalidDataException($"'{file}' is damaged: {columns} columns of {rows} numbers are not in its {stream.Length} bytes.");
            var table = new NumberTable();
            for (var i = 0; i < columns; i++)
            {
                var (name, values) = (reader.ReadString(), new double[rows]);
                stream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
                table.With(name, values);
            }

            return table;
        }
        catch (EndOfStreamException exception)
        {
            throw new InvalidDataException($"'{file}' is damaged: {exception.Message}", exception);
        }
    }
}

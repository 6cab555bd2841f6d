using OrleansMl.Learning;

namespace OrleansMl.Training;

/// <summary>Reads what <see cref="RowsWriter"/> wrote, row by row.</summary>
public sealed class RowsReader : IDisposable
{
    private readonly List<string> _texts = [];
    private readonly RowSchema _schema;
    private readonly BinaryReader _reader;
    private readonly Stream _source;

    /// <param name="source">From its start; closed with the reader.</param>
    /// <param name="schema">As it was written with.</param>
    /// <exception cref="InvalidDataException">It is no such file.</exception>
    public RowsReader(Stream source, RowSchema schema)
    {
        (_source, _schema) = (new BufferedStream(source, 1 << 16), schema);
        _reader = new BinaryReader(_source);
        Span<byte> magic = stackalloc byte[8];
        if (_source.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false) < magic.Length || !magic.SequenceEqual(RowsWriter.Magic))
            throw new InvalidDataException("This is no file of rows: it does not begin with OMLROWS1.");
    }

    /// <summary>All rows.</summary>
    /// <exception cref="InvalidDataException">The file ends within a row, or is damaged.</exception>
    public IEnumerable<LabelledRow> ReadAll()
    {
        while (_source.Position < _source.Length)
            yield return Read();
    }

    public void Dispose() => _reader.Dispose();

    private LabelledRow Read()
    {
        try
        {
            var (made, known) = (new DateTime(_reader.ReadInt64(), DateTimeKind.Utc), new DateTime(_reader.ReadInt64(), DateTimeKind.Utc));
            var (weight, label) = (_reader.ReadDouble(), _reader.ReadDouble());
            var numeric = new double[_schema.NumericCount];
            for (var i = 0; i < numeric.Length; i++)
                numeric[i] = _reader.ReadDouble();
            var categorical = new string?[_schema.CategoricalCount];
            for (var i = 0; i < categorical.Length; i++)
                categorical[i] = ReadText();
            return new LabelledRow(new Row(numeric, categorical), label, weight, made, known);
        }
        catch (Exception exception) when (exception is EndOfStreamException or ArgumentOutOfRangeException)
        {
            throw new InvalidDataException($"The file of rows is damaged: {exception.Message}", exception);
        }
    }

    private string? ReadText()
    {
        var place = _reader.ReadInt32();
        if (place == -1)
            return null;
        if (place == _texts.Count)
            _texts.Add(_reader.ReadString());
        return place >= 0 && place < _texts.Count ? _texts[place] : throw new InvalidDataException($"The file of rows is damaged: it names text {place} of {_texts.Count}.");
    }
}

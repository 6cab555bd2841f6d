using System.Collections.Immutable;
using OrleansMl.Storage;

namespace OrleansMl.Datasets;

/// <summary>
/// Reads records of a stream one by one, with the exact place in bytes where each ends: there a later reader goes on. Memory holds
/// one piece of the stream, or one record where that is larger.
/// </summary>
internal abstract class RowReader(Stream stream, int maxRowBytes, DataPlace place) : IDisposable
{
    private const int PieceBytes = 1 << 16;

    private byte[] _buffer = new byte[PieceBytes];
    private int _start;
    private int _end;
    private bool _isEnd;
    private int _recordStart;
    private int _recordLength;
    private DataPlace _place = place;

    /// <summary>Where the last record ended.</summary>
    public DataPlace Place => _place;

    /// <summary>Line on which the last record began, from 1.</summary>
    public long Line { get; private set; }

    /// <summary>Names of the columns where the format says them before the rows; else empty.</summary>
    public abstract ImmutableArray<string> Header { get; }

    /// <summary>Reads what stands before the rows, where the format has that and it is not known yet.</summary>
    /// <exception cref="DataFaultException">It cannot be used.</exception>
    public virtual ValueTask ReadHeaderAsync(CancellationToken cancellationToken) => default;

    public static RowReader Open(string format, Stream stream, int maxRowBytes) => Open(format, stream, maxRowBytes, default, []);

    /// <summary>Goes on at a place that an earlier reader had reached.</summary>
    public static RowReader Open(string format, Stream stream, int maxRowBytes, DataPlace place, ImmutableArray<string> header)
    {
        if (place.Offset > 0)
            stream.Position = place.Offset;
        return format == DatasetFormats.Csv ? new CsvRows(stream, maxRowBytes, place, header) : new NdjsonRows(stream, maxRowBytes, place);
    }

    /// <inheritdoc cref="OpenAsync(IDatasetStore, DatasetRecord, int, DataPlace, ImmutableArray{string}, CancellationToken)"/>
    public static Task<RowReader> OpenAsync(IDatasetStore datasets, DatasetRecord dataset, int maxRowBytes, CancellationToken cancellationToken) =>
        OpenAsync(datasets, dataset, maxRowBytes, default, [], cancellationToken);

    /// <summary>Opens a data set where its rows begin, or at a place that an earlier reader had reached; its header is known then.</summary>
    /// <exception cref="DataFaultException">Its header cannot be used.</exception>
    public static async Task<RowReader> OpenAsync(IDatasetStore datasets, DatasetRecord dataset, int maxRowBytes, DataPlace place, ImmutableArray<string> header, CancellationToken cancellationToken)
    {
        var reader = Open(dataset.Format, datasets.OpenContent(dataset), maxRowBytes, place, header);
        try
        {
            await reader.ReadHeaderAsync(cancellationToken);
            return reader;
        }
        catch
        {
            reader.Dispose();
            throw;
        }
    }

    /// <summary>Reads the next row; false at the end.</summary>
    /// <exception cref="DataFaultException">The file is not of its format.</exception>
    public async ValueTask<bool> NextAsync(CancellationToken cancellationToken)
    {
        if (!await NextRecordAsync(cancellationToken))
            return false;
        _place = _place with { Row = _place.Row + 1 };
        return true;
    }

    /// <summary>Reads so many rows; fewer at the end.</summary>
    /// <exception cref="DataFaultException">The file is not of its format.</exception>
    public async ValueTask<List<NumberedRow>> NextAsync(int count, CancellationToken cancellationToken)
    {
        var rows = new List<NumberedRow>(count);
        while (rows.Count < count && await NextAsync(cancellationToken))
            rows.Add(new NumberedRow(Place.Row, Line, ToRow()));
        return rows;
    }

    /// <summary>The values of the last row.</summary>
    public abstract DataRow ToRow();

    /// <summary>Tells a schema of the last row.</summary>
    public abstract void AddTo(SchemaBuilder schema);

    public void Dispose() => stream.Dispose();

    /// <summary>Takes a record from the start of the bytes; they stay as they are until the next record is read.</summary>
    /// <param name="bytes">What is there, at least one byte.</param>
    /// <param name="isEnd">There is no more.</param>
    /// <param name="consumed">Length of the record with its end.</param>
    /// <param name="isBlank">The record is nothing and is passed over.</param>
    /// <returns>False: the record's end is not there yet.</returns>
    protected abstract bool TryTake(ReadOnlySpan<byte> bytes, bool isEnd, out int consumed, out bool isBlank);

    protected DataFaultException Fault(string code, string detail) => new(code, detail, Line);

    /// <summary>The bytes of the last record.</summary>
    protected ReadOnlySpan<byte> Record => _buffer.AsSpan(_recordStart, _recordLength);

    protected async ValueTask<bool> NextRecordAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_start == _end && _isEnd)
                return false;
            if (_place.Offset == 0 && (_end - _start >= 3 || _isEnd))
                SkipByteOrderMark();
            if (_end > _start && (_place.Offset > 0 || _end - _start >= 3 || _isEnd))
            {
                Line = _place.Lines + 1;
                if (TryTake(_buffer.AsSpan(_start, _end - _start), _isEnd, out var consumed, out var isBlank))
                {
                    (_recordStart, _recordLength) = (_start, consumed);
                    _place = _place with { Offset = _place.Offset + consumed, Lines = _place.Lines + CountLines(_buffer.AsSpan(_start, consumed)) };
                    _start += consumed;
                    if (isBlank)
                        continue;
                    return true;
                }
            }

            await FillAsync(cancellationToken);
        }
    }

    private async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == _buffer.Length)
        {
            if (_end >= maxRowBytes)
                throw Fault("too_large", $"a row has more than {maxRowBytes} bytes, the limit (Jobs:MaxRowBytes); is a quote not closed?");
            Array.Resize(ref _buffer, (int)Math.Min(Math.Max((long)maxRowBytes, PieceBytes), 2L * _buffer.Length));
        }

        var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
        _end += read;
        _isEnd = read == 0;
    }

    private void SkipByteOrderMark()
    {
        if (!_buffer.AsSpan(_start, _end - _start).StartsWith("\uFEFF"u8))
            return;
        _start += 3;
        _place = _place with { Offset = 3 };
    }

    private static int CountLines(ReadOnlySpan<byte> record)
    {
        var lines = record.Count((byte)'\n');
        // A lone carriage return at the end ends a line too.
        return record[^1] == (byte)'\r' ? lines + 1 : lines;
    }
}

/// <summary>A place between two rows of a file.</summary>
/// <param name="Offset">Bytes before it.</param>
/// <param name="Lines">Ends of lines before it.</param>
/// <param name="Row">Rows before it.</param>
internal readonly record struct DataPlace(long Offset, long Lines, long Row);

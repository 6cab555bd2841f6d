using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using OrleansMl.Jobs.BatchPredict;

namespace OrleansMl.Datasets.Building;

/// <summary>Writes rows of a data set: a line of CSV, or an object of NDJSON with a member for each column.</summary>
internal sealed class DatasetWriter
{
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly ArrayBufferWriter<byte> _buffer = new(1 << 16);
    private readonly ImmutableArray<string> _columns;
    private readonly Utf8JsonWriter? _json;

    public DatasetWriter(string format, ImmutableArray<string> columns)
    {
        _columns = columns;
        if (format != DatasetFormats.Csv)
            _json = new Utf8JsonWriter(_buffer, s_options);
    }

    /// <summary>What stands before the first row.</summary>
    public void WriteHeader()
    {
        if (_json is null)
            WriteLine(_columns, static name => name);
    }

    /// <summary>A row with a cell for each column.</summary>
    public void Write(ReadOnlySpan<Cell> cells)
    {
        if (_json is null)
        {
            WriteLine(cells, CsvResultWriter.TextOf);
            return;
        }

        _json.Reset(_buffer);
        _json.WriteStartObject();
        for (var i = 0; i < cells.Length; i++)
        {
            _json.WritePropertyName(_columns[i]);
            NdjsonResultWriter.WriteValue(_json, cells[i]);
        }

        _json.WriteEndObject();
        _json.Flush();
        _buffer.Write("\n"u8);
    }

    /// <summary>Moves what was written to a stream; answers with its length.</summary>
    public int Flush(Stream to)
    {
        var length = _buffer.WrittenCount;
        to.Write(_buffer.WrittenSpan);
        _buffer.ResetWrittenCount();
        return length;
    }

    private void WriteLine(ImmutableArray<string> values, Func<string, string> text) => WriteLine(values.AsSpan(), text);

    private void WriteLine<T>(ReadOnlySpan<T> values, Func<T, string> text)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (i > 0)
                _buffer.Write(","u8);
            Encoding.UTF8.GetBytes(CsvText.Of(text(values[i])), _buffer);
        }

        _buffer.Write("\n"u8);
    }
}

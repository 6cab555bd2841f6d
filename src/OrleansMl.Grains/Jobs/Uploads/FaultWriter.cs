using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using OrleansMl.Datasets;

namespace OrleansMl.Jobs.Uploads;

/// <summary>Writes rows that were rejected: row, line, column, code, detail, in the format of the upload.</summary>
internal sealed class FaultWriter(string format)
{
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly ArrayBufferWriter<byte> _buffer = new(1 << 12);

    /// <summary>What stands before the first row.</summary>
    public void WriteHeader()
    {
        if (format == DatasetFormats.Csv)
            Append("row,line,column,code,detail\n");
    }

    public void Write(long row, long line, RowFate fate)
    {
        var (column, fault) = (fate.Column, fate.Fault!);
        if (format == DatasetFormats.Csv)
        {
            Append(string.Create(CultureInfo.InvariantCulture, $"{row},{line},{CsvText.Of(column)},{CsvText.Of(fault.Code)},{CsvText.Of(fault.Detail)}\n"));
            return;
        }

        using (var json = new Utf8JsonWriter(_buffer, s_options))
        {
            json.WriteStartObject();
            json.WriteNumber("row"u8, row);
            json.WriteNumber("line"u8, line);
            json.WriteString("column"u8, column);
            json.WriteString("code"u8, fault.Code);
            json.WriteString("detail"u8, fault.Detail);
            json.WriteEndObject();
        }

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

    private void Append(string text) => Encoding.UTF8.GetBytes(text, _buffer);
}

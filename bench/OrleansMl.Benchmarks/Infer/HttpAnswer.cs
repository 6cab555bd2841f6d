using System.Buffers.Text;

namespace OrleansMl.Benchmarks.Infer;

/// <summary>As much of HTTP/1.1 as a load generator needs of an answer: its status and where it ends.</summary>
internal static class HttpAnswer
{
    private const int StatusAt = 9;

    /// <summary>Finds the first answer in what was received; false: it is not whole yet.</summary>
    /// <param name="received">Begins with an answer.</param>
    /// <param name="status">Its status.</param>
    /// <param name="length">Its bytes, with the head.</param>
    public static bool TryRead(ReadOnlySpan<byte> received, out int status, out int length)
    {
        (status, length) = (0, 0);
        var head = received.IndexOf("\r\n\r\n"u8);
        if (head < 0)
            return false;
        if (!Utf8Parser.TryParse(received[StatusAt..], out status, out _))
            throw new InvalidDataException("The server's answer does not begin with an HTTP status line.");
        var fields = received[..head];
        var body = head + 4;
        const string LengthField = "\r\nContent-Length: ";
        var stated = fields.IndexOf("\r\nContent-Length: "u8);
        if (stated < 0)
            return TryReadChunks(received, body, out length);
        if (!Utf8Parser.TryParse(fields[(stated + LengthField.Length)..], out int bytes, out _))
            throw new InvalidDataException("The Content-Length of the server's answer is no number.");
        length = body + bytes;
        return received.Length >= length;
    }

    private static bool TryReadChunks(ReadOnlySpan<byte> received, int at, out int length)
    {
        length = 0;
        while (true)
        {
            var line = received[at..].IndexOf("\r\n"u8);
            if (line < 0)
                return false;
            if (!Utf8Parser.TryParse(received.Slice(at, line), out int size, out _, 'x'))
                throw new InvalidDataException("The server's answer has neither Content-Length nor chunks.");
            at += line + 2 + size + 2;
            if (at > received.Length)
                return false;
            if (size > 0)
                continue;
            length = at;
            return true;
        }
    }
}

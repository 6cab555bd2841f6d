using System.Globalization;
using System.Text;

namespace OrleansMl.Training;

/// <summary>Lines of a program's output, however much it writes: long lines are cut, and after many the rest is only counted. Always reads on, so that a full pipe never stops the program.</summary>
internal sealed class OutputLines(ProcessLimits limits, Action<string> onLine, Action<double>? onProgress)
{
    private const string ProgressWord = "OML_PROGRESS ";
    private const int Kept = 20;
    private const string Cut = " …";

    private readonly byte[] _line = new byte[Math.Max(ProgressWord.Length + 32, limits.LineBytes)];
    private readonly Queue<string> _last = new(Kept + 1);
    private int _length;
    private bool _isCut;
    private int _told;

    /// <summary>The last lines, oldest first.</summary>
    public IReadOnlyCollection<string> Last => _last;

    /// <summary>Lines that were read and not told.</summary>
    public long Untold { get; private set; }

    /// <summary>Reads to the end.</summary>
    public async Task ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
        {
            var rest = buffer.AsSpan(0, read);
            int end;
            while ((end = rest.IndexOf((byte)'\n')) >= 0)
            {
                Take(rest[..end]);
                EndLine();
                rest = rest[(end + 1)..];
            }

            Take(rest);
        }

        if (_length > 0)
            EndLine();
    }

    private void Take(ReadOnlySpan<byte> part)
    {
        var room = Math.Min(part.Length, _line.Length - _length);
        part[..room].CopyTo(_line.AsSpan(_length));
        _length += room;
        _isCut |= room < part.Length;
    }

    private void EndLine()
    {
        // Bytes that are no UTF-8 become U+FFFD; other control characters would garble a terminal.
        var text = Encoding.UTF8.GetString(_line, 0, _length).TrimEnd('\r');
        text = string.Concat(text.Select(one => char.IsControl(one) && one != '\t' ? '\uFFFD' : one)) + (_isCut ? Cut : "");
        (_length, _isCut) = (0, false);
        if (onProgress is not null && text.StartsWith(ProgressWord, StringComparison.Ordinal)
            && double.TryParse(text.AsSpan(ProgressWord.Length), NumberStyles.Float, CultureInfo.InvariantCulture, out var fraction) && fraction is >= 0 and <= 1)
        {
            onProgress(fraction);
            return;
        }

        if (_last.Count == Kept)
            _last.Dequeue();
        _last.Enqueue(text);
        if (_told >= limits.Lines)
        {
            Untold++;
            return;
        }

        _told++;
        onLine(text);
    }
}

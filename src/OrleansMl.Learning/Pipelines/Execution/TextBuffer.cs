using System.Buffers;

namespace OrleansMl.Learning;

/// <summary>Characters on the stack, in a pooled array when they are many.</summary>
internal ref struct TextBuffer(Span<char> initial)
{
    private Span<char> _chars = initial;
    private char[]? _rented;

    public int Length { get; set; }

    public readonly ReadOnlySpan<char> Text => _chars[..Length];

    public void Append(ReadOnlySpan<char> text)
    {
        text.CopyTo(Reserve(text.Length));
        Length += text.Length;
    }

    /// <summary>Room for <paramref name="count"/> more characters; the caller adds to <see cref="Length"/> what it wrote.</summary>
    public Span<char> Reserve(int count)
    {
        if (_chars.Length - Length < count)
        {
            var larger = ArrayPool<char>.Shared.Rent(Math.Max(Length + count, _chars.Length * 2));
            Text.CopyTo(larger);
            Return();
            _chars = _rented = larger;
        }

        return _chars[Length..];
    }

    public void Dispose() => Return();

    private void Return()
    {
        if (_rented is not null)
            ArrayPool<char>.Shared.Return(_rented);
        _rented = null;
    }
}

using System.Text;

namespace OrleansMl.Wire;

/// <summary>The members an object may have; <see cref="StrictReader.NextMember"/> answers with the index of one. At most 64.</summary>
public sealed class MemberTable
{
    private readonly byte[][] _utf8;

    /// <param name="names">In the order of their indexes.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are more than 64.</exception>
    public MemberTable(params string[] names)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(names.Length, 64);
        Names = names;
        _utf8 = Array.ConvertAll(names, Encoding.UTF8.GetBytes);
    }

    /// <summary>The names by index.</summary>
    public IReadOnlyList<string> Names { get; }

    public int Count => _utf8.Length;

    /// <summary>UTF-8 bytes of a name.</summary>
    public ReadOnlySpan<byte> Utf8(int index) => _utf8[index];
}

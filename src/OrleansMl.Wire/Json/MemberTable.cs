using System.Text;

namespace OrleansMl.Wire;

/// <summary>The members an object may have; <see cref="StrictReader.NextMember"/> answers with the index of one. At most 64.</summary>
public sealed class MemberTable
{
    private readonly byte[][] _utf8;

    public MemberTable(params string[] names)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(names.Length, 64);
        Names = names;
        _utf8 = Array.ConvertAll(names, Encoding.UTF8.GetBytes);
    }

    public IReadOnlyList<string> Names { get; }

    public int Count => _utf8.Length;

    public ReadOnlySpan<byte> Utf8(int index) => _utf8[index];
}

using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>How rows are cut into chunks. What is left over is never judged alone when it is too short.</summary>
/// <param name="Size">Rows of a chunk, ≥ 1.</param>
/// <param name="Remainder">What becomes of the rows after the last full chunk.</param>
public sealed record Chunking(int Size, ChunkRemainder Remainder = ChunkRemainder.Drop)
{
    /// <summary>Rows of a chunk.</summary>
    public int Size { get; } = Size >= 1 ? Size : throw new ArgumentOutOfRangeException(nameof(Size), Size, "A chunk has at least one row.");

    /// <summary>Ranges of rows, in order.</summary>
    public ImmutableArray<Range> Split(int rows)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        var ranges = ImmutableArray.CreateBuilder<Range>();
        for (var start = 0; start + Size <= rows; start += Size)
            ranges.Add(start..(start + Size));
        if (rows % Size is not 0 and var left)
        {
            if (Remainder == ChunkRemainder.Keep)
                ranges.Add((rows - left)..rows);
            else if (Remainder == ChunkRemainder.Append && ranges.Count > 0)
                ranges[^1] = ranges[^1].Start..rows;
        }

        return ranges.ToImmutable();
    }
}

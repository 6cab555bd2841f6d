using System.Collections.Immutable;

namespace OrleansMl.Jobs;

/// <summary>What counts of a file that an attempt of a job wrote; what lies beyond does not.</summary>
/// <param name="File">Name of a scratch file.</param>
/// <param name="Bytes">From its start.</param>
internal sealed record PartExtent(string File, long Bytes)
{
    /// <summary>The extents once more bytes of the last file count.</summary>
    public static ImmutableArray<PartExtent> Grow(ImmutableArray<PartExtent> extents, long bytes)
    {
        var last = extents[^1];
        return extents.SetItem(extents.Length - 1, last with { Bytes = last.Bytes + bytes });
    }
}

using OrleansMl.Storage;
using OrleansMl.Training;

namespace OrleansMl.Jobs;

/// <summary>Scratch files as another process finds them.</summary>
internal static class ScratchFiles
{
    /// <exception cref="FileNotFoundException">There is none of this name.</exception>
    public static string PathOf(this IDatasetStore datasets, string scratch)
    {
        using var file = datasets.OpenScratch(scratch);
        return file.Name;
    }

    /// <summary>It is there as it was written: a machine that went down may have lost it.</summary>
    public static bool IsWhole(this IDatasetStore datasets, string scratch, string hash)
    {
        try
        {
            return WorkJournal.HashOfFile(datasets.PathOf(scratch)) == hash;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
    }
}

namespace OrleansMl.Learning;

/// <summary>Runs independent parts of a piece of work on some threads.</summary>
internal sealed class WorkThreads(int count)
{
    private readonly ParallelOptions _options = new() { MaxDegreeOfParallelism = count };

    public int Count => count;

    /// <summary>Runs parts 0 … parts − 1, in any order.</summary>
    public void Run(int parts, Action<int> part)
    {
        if (count == 1 || parts <= 1)
        {
            for (var i = 0; i < parts; i++)
                part(i);
        }
        else
        {
            Parallel.For(0, parts, _options, part);
        }
    }

    /// <summary>Runs over [0, length) in blocks.</summary>
    public void Blocks(int length, int block, Action<int, int> part)
        => Run((length + block - 1) / block, i => part(i * block, Math.Min(length, (i + 1) * block)));
}

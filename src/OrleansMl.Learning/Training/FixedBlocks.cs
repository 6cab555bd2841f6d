namespace OrleansMl.Learning;

/// <summary>
/// Items in blocks that hang on their number alone. What is summed for each block and then added in the order of the blocks is the
/// same, bit for bit, for every count of threads.
/// </summary>
/// <param name="items">N ≥ 0.</param>
/// <param name="threads">How many blocks run at a time.</param>
/// <param name="leastItems">A block is not worth a thread with fewer.</param>
internal sealed class FixedBlocks(int items, int threads, int leastItems = 512)
{
    private const int Most = 64;

    private readonly int _size = Math.Max(leastItems, (int)((items + (long)Most - 1) / Most));

    /// <summary>How many there are.</summary>
    public int Count => (int)((items + (long)_size - 1) / _size);

    /// <summary>Runs every block once.</summary>
    /// <param name="block">Gets the block's place, its first item and the end of it.</param>
    /// <param name="cancellationToken">Stops between blocks.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public void Run(Action<int, int, int> block, CancellationToken cancellationToken)
    {
        if (threads == 1 || Count <= 1)
        {
            for (var i = 0; i < Count; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                One(i);
            }

            return;
        }

        Parallel.For(0, Count, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellationToken }, One);

        void One(int i) => block(i, i * _size, Math.Min(items, (i + 1) * _size));
    }
}

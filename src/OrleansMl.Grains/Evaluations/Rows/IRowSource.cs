namespace OrleansMl.Evaluations;

/// <summary>Rows to be evaluated, page by page, in the order in which they were predicted.</summary>
internal interface IRowSource
{
    /// <summary>Rows without a truth, by why; they are passed over.</summary>
    IReadOnlyDictionary<string, long> Skipped { get; }

    /// <summary>What the reader of the figures must know of the rows.</summary>
    IReadOnlyList<string> Warnings { get; }

    /// <summary>Share that has been read, 0 to 1; null: not known.</summary>
    double? Fraction { get; }

    /// <exception cref="Jobs.JobErrorException">A row cannot be read.</exception>
    IAsyncEnumerable<IReadOnlyList<SourceRow>> ReadAsync(CancellationToken cancellationToken);
}

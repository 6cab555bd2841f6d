using System.Collections.Immutable;
using OrleansMl.Datasets;

namespace OrleansMl.Jobs.BatchPredict;

/// <summary>Scores rows by one way of serving.</summary>
internal interface IRowScorer
{
    /// <summary>Rows of a batch at most.</summary>
    int BatchRows { get; }

    /// <summary>What a scored row has.</summary>
    ImmutableArray<ResultColumn> Columns { get; }

    /// <summary>Scores rows; one result for each, in order.</summary>
    /// <exception cref="JobErrorException">No row can be scored: the job ends.</exception>
    Task<RowResult[]> ScoreAsync(IReadOnlyList<NumberedRow> rows, CancellationToken cancellationToken);
}

/// <summary>Values as the columns say, or why there are none.</summary>
internal readonly record struct RowResult(Cell[]? Values, OmlError? Error)
{
    public static implicit operator RowResult(OmlError error) => new(null, error);

    public static implicit operator RowResult(Cell[] values) => new(values, null);
}

/// <summary>A column of the result.</summary>
/// <param name="Group">NDJSON nests columns of a group in an object of this name; null: none.</param>
/// <param name="Name">Name within the group.</param>
/// <param name="Width">Numbers in a cell: more than one are columns of their own in CSV; 0: not known, a list in one cell.</param>
internal sealed record ResultColumn(string? Group, string Name, int Width = 1)
{
    /// <summary>Name in CSV where it is not that in the group.</summary>
    public string? CsvName { get; init; }
}

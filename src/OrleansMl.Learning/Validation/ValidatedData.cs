using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>Rows before a training.</summary>
/// <param name="Schema">Columns of the rows.</param>
/// <param name="Rows">Raw: NaN, ±∞, null and "" are missing.</param>
/// <param name="Targets">As many: the class, from 0, or the value.</param>
/// <param name="TargetName">What the target is called.</param>
/// <param name="Classes">Names of the classes in order; empty: a value is learned.</param>
public sealed record ValidatedData(RowSchema Schema, IReadOnlyList<Row> Rows, double[] Targets, string TargetName, ImmutableArray<string> Classes)
{
    /// <summary>Columns that the model takes; null: those of <see cref="Schema"/>.</summary>
    public RowSchema? Expected { get; init; }

    /// <summary>Declared ranges.</summary>
    public ImmutableArray<ColumnRange> Ranges { get; init; } = [];

    /// <summary>A sample of the rows that were served lately, in the columns of <see cref="Schema"/>; null: there is none.</summary>
    public IReadOnlyList<Row>? Served { get; init; }
}

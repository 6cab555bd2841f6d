namespace OrleansMl.Evaluations;

/// <summary>Columns of a data set that say something of its rows beside the model's own.</summary>
/// <param name="Made">When the row was predicted, RFC 3339; null: the rows are in their order.</param>
/// <param name="Known">When its truth came, RFC 3339; null: before the next row.</param>
/// <param name="Weight">A number above 0; null: all are 1.</param>
internal sealed record RowColumns(string? Made, string? Known, string? Weight);

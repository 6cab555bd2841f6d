namespace OrleansMl.Features;

/// <summary>Place of a row: a block and a row of it; the place after all rows is (number of blocks, 0).</summary>
internal readonly record struct RowPosition(int Block, int Row);

namespace OrleansMl.Datasets;

/// <summary>A row of a file, with its place for messages.</summary>
/// <param name="Number">Counts from 1 through the file.</param>
/// <param name="Line">Where it begins, from 1.</param>
/// <param name="Values">Its values.</param>
internal readonly record struct NumberedRow(long Number, long Line, DataRow Values);

namespace OrleansMl.Learning;

/// <summary>What a column does in a model.</summary>
/// <param name="Column">Its name as it leaves the pipeline.</param>
/// <param name="Importance">As <see cref="ColumnImportances"/> measures it, from 0.</param>
public sealed record ColumnImportance(string Column, double Importance);

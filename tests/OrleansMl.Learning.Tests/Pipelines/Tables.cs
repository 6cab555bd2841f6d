namespace OrleansMl.Learning.Tests.Pipelines;

/// <summary>Small tables: columns whose names start with t hold texts.</summary>
internal static class Tables
{
    public static RowSchema Schema(params string[] columns)
        => new(columns.Select(name => new Column(name, name[0] == 't' ? ColumnKind.Categorical : ColumnKind.Numeric)));

    public static Row[] Numbers(params double[] values) => [.. values.Select(value => new Row([value], []))];

    public static Row[] Texts(params string?[] values) => [.. values.Select(value => new Row([], [value]))];

    public static double[] Dense(this FittedPipeline pipeline, Row row) => new TransformedRow(pipeline).Fill(row).Dense.ToArray();

    public static (int[] Indices, double[] Values) Hashed(this FittedPipeline pipeline, Row row)
    {
        var x = new TransformedRow(pipeline).Fill(row);
        return (x.HashedIndices.ToArray(), x.HashedValues.ToArray());
    }
}

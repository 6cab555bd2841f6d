using System.Collections.Immutable;
using OrleansMl.Declaration;

namespace OrleansMl.Cli.Replay;

/// <summary>The columns of a model's vector, before its pipeline, in declared order.</summary>
/// <param name="Numbers">By column; NaN for missing values and for categorical columns.</param>
/// <param name="Texts">By column; empty for missing values and for numeric columns. Null: no column is categorical.</param>
internal sealed record RawVector(float[] Numbers, string[]? Texts)
{
    /// <summary>A vector of missing values.</summary>
    public static RawVector Missing(ImmutableArray<ColumnDefinition> columns)
    {
        var numbers = new float[columns.Length];
        Array.Fill(numbers, float.NaN);
        string[]? texts = null;
        if (columns.Any(column => column.IsCategorical))
        {
            texts = new string[columns.Length];
            Array.Fill(texts, "");
        }

        return new(numbers, texts);
    }
}

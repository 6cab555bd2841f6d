using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>Which columns a stage works on, among those that stand when its turn comes.</summary>
public sealed record ColumnSelector
{
    private const string AllWord = "all";
    private const string NumericWord = "numeric";
    private const string CategoricalWord = "categorical";

    private ColumnSelector(string? word, ImmutableArray<string> names) => (Word, Names) = (word, names);

    /// <summary>Every standing column, indicators included.</summary>
    public static ColumnSelector All { get; } = new(AllWord, []);

    /// <summary>Numeric columns. The 0/1 indicators made by one_hot and the codes made by ordinal are not among them, so that scaling leaves them alone.</summary>
    public static ColumnSelector Numeric { get; } = new(NumericWord, []);

    /// <summary>Categorical columns, crosses of texts included.</summary>
    public static ColumnSelector Categorical { get; } = new(CategoricalWord, []);

    /// <summary><c>all</c>, <c>numeric</c> or <c>categorical</c>; null for columns by name.</summary>
    public string? Word { get; }

    /// <summary>Names in the order given; empty with a word.</summary>
    public ImmutableArray<string> Names { get; }

    /// <summary>Columns by name.</summary>
    public static ColumnSelector Of(params IEnumerable<string> names) => new(null, [.. names]);

    /// <summary>As written in an application file: names, or one of the three words.</summary>
    public static ColumnSelector Parse(IReadOnlyList<string> columns) => columns switch
    {
        [AllWord] => All,
        [NumericWord] => Numeric,
        [CategoricalWord] => Categorical,
        _ => Of(columns),
    };

    /// <summary>The selected columns in standing order for a word, in the given order for names.</summary>
    /// <exception cref="PipelineException">A name does not stand, or occurs twice.</exception>
    internal ImmutableArray<StandingColumn> Resolve(string stage, ImmutableArray<StandingColumn> standing)
    {
        if (Word is not null)
        {
            return Word switch
            {
                NumericWord => [.. standing.Where(column => column.Kind == StandingKind.Numeric)],
                CategoricalWord => [.. standing.Where(column => column.Kind == StandingKind.Categorical)],
                _ => standing,
            };
        }

        var selected = ImmutableArray.CreateBuilder<StandingColumn>(Names.Length);
        foreach (var name in Names)
        {
            var found = standing.FirstOrDefault(column => column.Name == name)
                ?? throw new PipelineException(stage, name, $"there is no such column at this stage (columns: {string.Join(", ", standing.Select(column => column.Name))})");
            if (selected.Contains(found))
                throw new PipelineException(stage, name, "the column is named twice");
            selected.Add(found);
        }

        return selected.DrainToImmutable();
    }
}

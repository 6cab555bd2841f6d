using System.Collections.Frozen;
using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>Kind of a column.</summary>
public enum ColumnKind : byte
{
    /// <summary>A double; NaN is missing.</summary>
    Numeric,

    /// <summary>A text; null is missing.</summary>
    Categorical,
}

/// <summary>A column of raw rows.</summary>
public sealed record Column(string Name, ColumnKind Kind);

/// <summary>The columns of raw rows in order, with each column's place among those of its kind.</summary>
public sealed class RowSchema
{
    private readonly FrozenDictionary<string, int> _byName;
    private readonly int[] _slots;

    /// <exception cref="ArgumentException">Two columns share a name.</exception>
    public RowSchema(IEnumerable<Column> columns)
    {
        Columns = [.. columns];
        _slots = new int[Columns.Length];
        var byName = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < Columns.Length; i++)
        {
            if (!byName.TryAdd(Columns[i].Name, i))
                throw new ArgumentException($"Column '{Columns[i].Name}' occurs twice.", nameof(columns));
            _slots[i] = Columns[i].Kind == ColumnKind.Numeric ? NumericCount++ : CategoricalCount++;
        }

        _byName = byName.ToFrozenDictionary(StringComparer.Ordinal);
    }

    public ImmutableArray<Column> Columns { get; }

    public int NumericCount { get; }

    public int CategoricalCount { get; }

    /// <summary>Index of a column in <see cref="Columns"/>; −1 when there is none.</summary>
    public int IndexOf(string name) => _byName.TryGetValue(name, out var index) ? index : -1;

    /// <summary>Place of column <paramref name="index"/> in <see cref="Row.Numeric"/> or <see cref="Row.Categorical"/>.</summary>
    public int SlotOf(int index) => _slots[index];
}

/// <summary>A raw row: numbers and texts in the order of the schema's columns of each kind.</summary>
/// <param name="Numeric">NaN is missing.</param>
/// <param name="Categorical">Null is missing.</param>
public readonly record struct Row(double[] Numeric, string?[] Categorical);

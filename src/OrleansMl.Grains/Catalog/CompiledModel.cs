using System.Collections.Frozen;
using System.Collections.Immutable;
using OrleansMl.Declaration;
using OrleansMl.Learning;

namespace OrleansMl.Catalog;

/// <summary>A declared model with all that serving and learning need.</summary>
public sealed class CompiledModel
{
    public required string Application { get; init; }

    public required Clock Clock { get; init; }

    public required ModelDefinition Definition { get; init; }

    /// <summary>Which life of the learner counts; a reset raises it.</summary>
    public required int Lineage { get; init; }

    /// <summary>Inputs by name.</summary>
    public required FrozenDictionary<string, FieldDefinition> Inputs { get; init; }

    /// <summary>Columns of the vector: inputs first, then features.</summary>
    public required RowSchema Schema { get; init; }

    /// <summary>Names of the feature columns, in the order of the vector.</summary>
    public required ImmutableArray<string> FeatureNames { get; init; }

    public string Name => Definition.Name;

    public TargetDefinition? Target => Definition.Target;

    public static CompiledModel Compile(AppliedApplication applied, ApplicationDefinition application, ModelDefinition model, int lineage) => new()
    {
        Application = applied.Name,
        Clock = application.Clock,
        Definition = model,
        Lineage = lineage,
        Inputs = model.Inputs.ToFrozenDictionary(i => i.Name, StringComparer.Ordinal),
        Schema = new RowSchema(model.Columns.Select(c => new Column(c.Name, c.IsCategorical ? ColumnKind.Categorical : ColumnKind.Numeric))),
        FeatureNames = [.. model.Columns.Where(c => !c.IsInput).Select(c => c.Name)],
    };

    /// <summary>The raw row of a vector in column order.</summary>
    public Row ToRow(IReadOnlyList<Scalar> values)
    {
        var numeric = new double[Schema.NumericCount];
        var categorical = new string?[Schema.CategoricalCount];
        for (var i = 0; i < values.Count; i++)
        {
            if (Schema.Columns[i].Kind == ColumnKind.Numeric)
                numeric[Schema.SlotOf(i)] = values[i].AsNumber();
            else
                categorical[Schema.SlotOf(i)] = values[i].AsText();
        }

        return new Row(numeric, categorical);
    }
}

using System.Collections.Frozen;
using System.Collections.Immutable;
using OrleansMl.Declaration;
using OrleansMl.Learning;
using OrleansMl.Predictions;

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

    /// <summary>What is read of the entity: its feature columns, and what post-processing needs beside the vector.</summary>
    public required ImmutableArray<string> EntityNames { get; init; }

    /// <summary>The same of a candidate; empty without candidates.</summary>
    public required ImmutableArray<string> CandidateNames { get; init; }

    /// <summary>Columns folded from truths: what they say of a time may be known long after it.</summary>
    public required FrozenSet<string> TruthColumns { get; init; }

    /// <summary>Draws what a ranked answer shows; null: the best by score is shown.</summary>
    internal Explorer? Explorer { get; init; }

    public string Name => Definition.Name;

    public TargetDefinition? Target => Definition.Target;

    /// <summary>Numbers of one answer: one, or a probability for each of more than two classes.</summary>
    public int AnswerWidth => Target?.AnswerWidth() ?? 1;

    public static CompiledModel Compile(AppliedApplication applied, ApplicationDefinition application, ModelDefinition model, int lineage)
    {
        // Combined names that are no columns are read beside the vector and never learned from.
        var beside = model.Postprocess.SelectMany(p => p.Combine?.Keys ?? []).Where(n => n != "score" && !model.Columns.Any(c => c.Name == n));
        string[] names = [.. model.Columns.Where(c => !c.IsInput).Select(c => c.Name).Concat(beside).Distinct()];
        var ofCandidate = names.ToLookup(n => model.Candidates is not null && model.Candidates != model.Entity && EntityTypeOf(application, n) == model.Candidates);
        return new CompiledModel
        {
            Application = applied.Name,
            Clock = application.Clock,
            Definition = model,
            Lineage = lineage,
            Inputs = model.Inputs.ToFrozenDictionary(i => i.Name, StringComparer.Ordinal),
            Schema = new RowSchema(model.Columns.Select(c => new Column(c.Name, c.IsCategorical ? ColumnKind.Categorical : ColumnKind.Numeric))),
            EntityNames = [.. ofCandidate[false]],
            CandidateNames = [.. ofCandidate[true]],
            TruthColumns = model.Columns.Where(c => !c.IsInput && IsOfTruths(application, c.Name)).Select(c => c.Name).ToFrozenSet(StringComparer.Ordinal),
            Explorer = Explorer.Of(model.Exploration),
        };
    }

    /// <summary>A column that is neither an input nor folded from truths.</summary>
    public bool IsFoldedFromEvents(string column) => !Inputs.ContainsKey(column) && !TruthColumns.Contains(column);

    private static bool IsOfTruths(ApplicationDefinition application, string name)
    {
        var colon = name.IndexOf(':', StringComparison.Ordinal);
        return colon >= 0 && application.Views.FirstOrDefault(v => v.Name == name[..colon])?.SourceKind == ViewSourceKind.Outcome;
    }

    /// <summary>Whose feature a name is: of its view's entity type (<c>view:feature</c>), or of the type it begins with.</summary>
    private static string? EntityTypeOf(ApplicationDefinition application, string name)
    {
        var colon = name.IndexOf(':', StringComparison.Ordinal);
        return colon >= 0
            ? application.Views.FirstOrDefault(v => v.Name == name[..colon])?.Entity
            : application.Entities.FirstOrDefault(e => name.StartsWith(e.Name + ".", StringComparison.Ordinal))?.Name;
    }

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

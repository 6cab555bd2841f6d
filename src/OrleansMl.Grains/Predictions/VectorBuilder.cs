using System.Collections.Immutable;
using OrleansMl.Catalog;

namespace OrleansMl.Predictions;

/// <summary>A vector with what stands beside it for post-processing.</summary>
/// <param name="Columns">In the model's column order: what is scored, logged and learned.</param>
/// <param name="Beside">Read for post-processing only.</param>
internal sealed record ServedVector(ImmutableArray<FeatureValue> Columns, ImmutableArray<FeatureValue> Beside)
{
    /// <summary>A numeric value by name; NaN when missing.</summary>
    public double Number(string name)
    {
        foreach (var feature in Columns)
        {
            if (feature.Name == name)
                return feature.Value.AsNumber();
        }

        foreach (var feature in Beside)
        {
            if (feature.Name == name)
                return feature.Value.AsNumber();
        }

        return double.NaN;
    }
}

/// <summary>Puts inputs and readings into the order of a model's columns.</summary>
internal static class VectorBuilder
{
    public static ServedVector Build(CompiledModel model, ImmutableArray<NamedValue> inputs, ImmutableArray<NamedValue> candidateInputs, FeatureReading? entity, FeatureReading? candidate, DateTime time)
    {
        var read = new Dictionary<string, FeatureValue>(StringComparer.Ordinal);
        foreach (var feature in entity?.Features ?? [])
            read[feature.Name] = feature;
        foreach (var feature in candidate?.Features ?? [])
            read[feature.Name] = feature;

        var columns = ImmutableArray.CreateBuilder<FeatureValue>(model.Definition.Columns.Length);
        foreach (var column in model.Definition.Columns)
        {
            if (!column.IsInput)
            {
                columns.Add(read.Remove(column.Name, out var feature) ? feature : new FeatureValue(column.Name, Scalar.Missing, FeatureStatus.Missing, null, false));
                continue;
            }

            // What a candidate says of itself goes before what the request says of all.
            var value = Find(candidateInputs, column.Name) ?? Find(inputs, column.Name) ?? Scalar.Missing;
            columns.Add(new FeatureValue(column.Name, value, value.IsMissing ? FeatureStatus.Missing : FeatureStatus.Present, value.IsMissing ? null : time, false));
        }

        return new ServedVector(columns.MoveToImmutable(), [.. read.Values]);
    }

    private static Scalar? Find(ImmutableArray<NamedValue> values, string name)
    {
        foreach (var value in values)
        {
            if (value.Name == name)
                return value.Value;
        }

        return null;
    }
}

using System.Collections.Immutable;
using OrleansMl.Catalog;
using OrleansMl.Serving;

namespace OrleansMl.Predictions;

/// <summary>Explains a score by taking away one column after the other; see <see cref="Explanation"/>.</summary>
internal static class Occlusion
{
    /// <param name="model">The model.</param>
    /// <param name="version">The version that gave the score.</param>
    /// <param name="vector">Columns as served, [F].</param>
    /// <param name="score">The score that it gave.</param>
    public static Explanation Explain(CompiledModel model, LoadedVersion version, ServedVector vector, double score)
    {
        Scalar[] values = [.. vector.Columns.Select(c => c.Value)];
        var effects = ImmutableArray.CreateBuilder<ColumnEffect>(values.Length);
        for (var i = 0; i < values.Length; i++)
        {
            var value = values[i];
            double? contribution = 0;
            if (!value.IsMissing)
            {
                values[i] = Scalar.Missing;
                contribution = score - TryScore(model, version, values);
                values[i] = value;
            }

            effects.Add(new ColumnEffect(vector.Columns[i].Name, value, contribution));
        }

        Array.Fill(values, Scalar.Missing);
        return new Explanation("occlusion", score, TryScore(model, version, values), effects.MoveToImmutable());
    }

    private static double? TryScore(CompiledModel model, LoadedVersion version, Scalar[] values)
    {
        try
        {
            return version.Score(model, values);
        }
        catch (ScoringException)
        {
            // A model that imputes nothing may have no answer for a missing value.
            return null;
        }
    }
}

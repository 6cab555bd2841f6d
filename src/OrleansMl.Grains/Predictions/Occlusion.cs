using System.Collections.Immutable;
using OrleansMl.Catalog;
using OrleansMl.Serving;

namespace OrleansMl.Predictions;

/// <summary>Explains a score by taking away one column after the other; see <see cref="Explanation"/>.</summary>
internal static class Occlusion
{
    /// <summary>The rows to score: one without each column that has a value, in their order, and one without any.</summary>
    public static ImmutableArray<ImmutableArray<Scalar>> Rows(ServedVector vector)
    {
        ImmutableArray<Scalar> values = [.. vector.Columns.Select(c => c.Value)];
        return [.. Present(vector).Select(i => values.SetItem(i, Scalar.Missing)), [.. values.Select(_ => Scalar.Missing)]];
    }

    /// <param name="vector">Columns as served, [F].</param>
    /// <param name="score">The score that the version gave.</param>
    /// <param name="without">Its scores of <see cref="Rows"/>; null where it has none.</param>
    public static Explanation Explain(ServedVector vector, double score, IReadOnlyList<double?> without)
    {
        var effects = vector.Columns.Select(c => new ColumnEffect(c.Name, c.Value, 0)).ToArray();
        var row = 0;
        foreach (var i in Present(vector))
            effects[i] = effects[i] with { Contribution = score - without[row++] };
        return new Explanation("occlusion", score, without[row], [.. effects]);
    }

    /// <summary>The score; null: a model that imputes nothing may have no answer for a missing value.</summary>
    /// <param name="model">As declared.</param>
    /// <param name="version">Who answers.</param>
    /// <param name="values">In column order.</param>
    /// <param name="place">Which number of the answer: of several classes, the class that is explained.</param>
    public static double? TryScore(CompiledModel model, LoadedVersion version, IReadOnlyList<Scalar> values, int place)
    {
        try
        {
            if (model.AnswerWidth == 1)
                return version.Score(model, values);
            var answer = new double[model.AnswerWidth];
            version.Score(model, values, answer);
            return answer[place];
        }
        catch (ScoringException)
        {
            return null;
        }
    }

    private static IEnumerable<int> Present(ServedVector vector) => Enumerable.Range(0, vector.Columns.Length).Where(i => !vector.Columns[i].Value.IsMissing);
}

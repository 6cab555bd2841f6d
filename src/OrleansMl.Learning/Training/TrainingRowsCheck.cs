using System.Globalization;

namespace OrleansMl.Learning;

/// <summary>What every trainer refuses before it fits. Each refusal names the row, the value and the remedy.</summary>
internal static class TrainingRowsCheck
{
    /// <param name="type">Of the trainer.</param>
    /// <param name="rows">What it is to fit.</param>
    /// <param name="shape">What it was made for.</param>
    /// <param name="takesMissing">NaN in the dense part is a missing value.</param>
    /// <exception cref="LearnerException">There are no rows, they have another shape, one holds what cannot be learned, or all are of one class.</exception>
    public static void Check(string type, TrainingRows rows, in LearnerShape shape, bool takesMissing = false)
    {
        Rows(type, rows, shape, takesMissing);
        if (shape.Classes > 0 && rows.Targets.AsSpan().IndexOfAnyExcept(rows.Targets[0]) < 0)
            throw new LearnerException(FormattableString.Invariant($"All {rows.Count} rows are of class {rows.Targets[0]}, and {type} tells classes apart; widen the window, or take another data set."));
    }

    /// <summary>The same, but rows of one class do: what is not fitted may be so.</summary>
    /// <exception cref="LearnerException">As above.</exception>
    public static void Rows(string type, TrainingRows rows, in LearnerShape shape, bool takesMissing = false)
    {
        if (rows.Count == 0)
            throw new LearnerException($"{type} has no rows to learn from; widen the window, or take another data set.");
        if (rows.DenseCount != shape.DenseCount || rows.HashedCount != shape.HashedCount)
            throw new LearnerException($"The rows hold {rows.DenseCount} dense and {rows.HashedCount} hashed features, and {type} was made for {shape.DenseCount} and {shape.HashedCount}: transform them by the pipeline of the model.");
        for (var row = 0; row < rows.Count; row++)
        {
            if (FaultOf(rows, row, shape, takesMissing) is { } fault)
                throw new LearnerException(FormattableString.Invariant($"{type} cannot learn row {row} of {rows.Count}: {fault}."));
        }
    }

    private static string? FaultOf(TrainingRows rows, int row, in LearnerShape shape, bool takesMissing)
    {
        var target = rows.Targets[row];
        if (shape.Classes == 0 ? !(Math.Abs(target) <= RowCheck.LargestFeature) : !(target >= 0) || target >= shape.Classes || target != Math.Floor(target))
        {
            return shape.Classes == 0
                ? $"its target is {Text(target)}, and a value must be finite and at most 1e100 in size; leave the row out"
                : $"its target is {Text(target)}, and a class is a whole number from 0 to {shape.Classes - 1}; leave the row out";
        }

        if (rows.WeightOf(row) is var weight && (!(weight > 0) || weight > RowCheck.LargestWeight))
            return $"its importance weight is {Text(weight)}, and one must be > 0 and at most 1e12; leave the row out";
        var x = rows[row];
        foreach (var value in x.Dense)
        {
            if (!(Math.Abs(value) <= RowCheck.LargestFeature) && !(takesMissing && double.IsNaN(value)))
                return $"a feature is {Text(value)}, and one must be finite and at most 1e100 in size; impute or clip the column";
        }

        for (var i = 0; i < x.HashedIndices.Length; i++)
        {
            if ((uint)x.HashedIndices[i] >= (uint)shape.TableSize)
                return $"hashed index {x.HashedIndices[i]} is outside the table of {shape.TableSize} places; transform it by the pipeline of the model";
            if (!(Math.Abs(x.HashedValues[i]) <= RowCheck.LargestFeature))
                return $"a hashed feature is {Text(x.HashedValues[i])}, and one must be finite and at most 1e100 in size; clip the column";
        }

        return null;
    }

    private static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}

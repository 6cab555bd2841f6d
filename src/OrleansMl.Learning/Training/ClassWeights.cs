namespace OrleansMl.Learning;

/// <summary>Importance weights with those of the classes.</summary>
internal static class ClassWeights
{
    public const string None = "none";
    public const string Balanced = "balanced";

    /// <summary>As application files and jobs name it.</summary>
    public static LearnerParameter Parameter { get; }
        = LearnerParameter.Word("classWeight", None, "balanced: every class weighs the same in all, as in scikit-learn", None, Balanced);

    /// <summary>
    /// The rows' weights; balanced ones times W / (C · W_c), where W_c is what the rows of the class weigh together and C counts the
    /// classes that occur.
    /// </summary>
    /// <returns>[N].</returns>
    public static double[] Of(TrainingRows rows, int classes, bool balanced)
    {
        var weights = rows.Weights?.ToArray() ?? Enumerable.Repeat(1.0, rows.Count).ToArray();
        if (!balanced)
            return weights;
        var sums = new double[classes];
        for (var row = 0; row < weights.Length; row++)
            sums[(int)rows.Targets[row]] += weights[row];
        var (total, occurring) = (sums.Sum(), sums.Count(sum => sum > 0));
        for (var row = 0; row < weights.Length; row++)
            weights[row] *= total / (occurring * sums[(int)rows.Targets[row]]);
        return weights;
    }
}

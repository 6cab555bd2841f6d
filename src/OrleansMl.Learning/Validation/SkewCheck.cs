namespace OrleansMl.Learning;

/// <summary>
/// Whether the rows are like those that were served lately, column by column. A finding is large (population stability index) and no chance (Kolmogorov–Smirnov of numbers,
/// χ² of texts and of what is missing, corrected over all columns): many rows make everything significant, and few make every index large.
/// </summary>
internal static class SkewCheck
{
    private const int LeastRows = DataValidation.LeastServed;

    /// <summary>Texts that are told apart, the most frequent ones; all others are one.</summary>
    private const int MostTexts = 40;

    /// <summary>A shift of the share of missing values, in the unit of the index: at the default limit 2.5 points of a hundred.</summary>
    private const double MissingScale = 10;

    public static void Check(ValidatedData data, IReadOnlyList<Row> served, DataValidationOptions options, FindingLog log, CancellationToken cancellationToken)
    {
        if (served.Count < LeastRows || data.Rows.Count < LeastRows)
            return;
        var shifts = new List<Shift>();
        foreach (var column in data.Schema.Columns)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (trained, asked) = (ColumnValues.Of(data.Schema, column.Name, data.Rows), ColumnValues.Of(data.Schema, column.Name, served));
            if (Values(trained, asked) is { } values)
                shifts.Add(values);
            shifts.Add(Missing(trained, asked));
        }

        var adjusted = MultipleTesting.Adjust(options.SkewCorrection, [.. shifts.Select(shift => shift.PValue)]);
        for (var i = 0; i < shifts.Count; i++)
        {
            var shift = shifts[i];
            if (shift.Index > options.Skew && adjusted[i] < options.SkewLevel)
                log.Add(DataChecks.Skew, shift.Column, shift.Index, options.Skew, $"{shift.What} (p {adjusted[i]:0.######}), over the limit of {options.Skew}; what is trained will meet other rows than these. Take newer rows, or mend the source.");
        }
    }

    private static Shift? Values(ColumnValues trained, ColumnValues served)
    {
        var (reference, chunk) = trained.Numbers is not null ? (Present(trained), Present(served)) : Codes(trained, served);
        if (reference.Length < LeastRows || chunk.Length < LeastRows)
            return null;
        var index = new DriftStatistic(DriftStatisticKind.Psi, reference).Measure(chunk).Value;
        var test = new DriftStatistic(trained.Numbers is not null ? DriftStatisticKind.KolmogorovSmirnov : DriftStatisticKind.ChiSquare, reference).Measure(chunk);
        return new Shift(trained.Name, index, test.PValue ?? 1, FormattableString.Invariant($"Column '{trained.Name}' of the rows is not distributed as in the {served.Count} rows that were served lately: population stability index {index:0.###}"));
    }

    private static Shift Missing(ColumnValues trained, ColumnValues served)
    {
        var (before, now) = ((double)trained.Missing() / trained.Count, (double)served.Missing() / served.Count);
        var test = new DriftStatistic(DriftStatisticKind.ChiSquare, Indicators(trained)).Measure(Indicators(served));
        return new Shift(trained.Name, MissingScale * Math.Abs(before - now), before == now ? 1 : test.PValue ?? 1, $"Column '{trained.Name}' is missing in {DataValidation.Percent(before)} of the rows and in {DataValidation.Percent(now)} of those that were served lately: ten times the difference is {FormattableString.Invariant($"{MissingScale * Math.Abs(before - now):0.###}")}");
    }

    private static double[] Present(ColumnValues column) => [.. column.Numbers!.Where(number => !double.IsNaN(number))];

    private static double[] Indicators(ColumnValues column) => [.. Enumerable.Range(0, column.Count).Select(row => column.IsMissing(row) ? 1.0 : 0.0)];

    /// <summary>The most frequent texts of the training rows by number; the rest of them, and what they do not know, come after.</summary>
    private static (double[] Trained, double[] Served) Codes(ColumnValues trained, ColumnValues served)
    {
        var counted = trained.Texts!.OfType<string>().GroupBy(text => text, StringComparer.Ordinal).OrderByDescending(group => group.Count()).ThenBy(group => group.Key, StringComparer.Ordinal).Select(group => group.Key).ToArray();
        var codes = counted.Take(MostTexts).Select((text, code) => (text, code)).ToDictionary(pair => pair.text, pair => (double)pair.code, StringComparer.Ordinal);
        var rest = counted.Skip(MostTexts).ToHashSet(StringComparer.Ordinal);
        return (Coded(trained), Coded(served));

        double[] Coded(ColumnValues column) => [.. column.Texts!.OfType<string>().Select(text => codes.TryGetValue(text, out var code) ? code : rest.Contains(text) ? MostTexts : MostTexts + 1)];
    }

    /// <param name="Index">Population stability index.</param>
    /// <param name="PValue">Of no difference.</param>
    /// <param name="What">In words, with the index.</param>
    private readonly record struct Shift(string Column, double Index, double PValue, string What);
}

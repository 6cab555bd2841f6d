namespace OrleansMl.Learning;

/// <summary>
/// Whether a column alone tells the target. A number is held against it as it is (any order counts) and by bins of equal counts, a text by its values; missing is a value
/// too. Means of a bin or value are those of the other folds, so that a value which occurs once tells nothing: an id does not look like a leak.
/// </summary>
internal static class LeakageCheck
{
    private const int Folds = 5;
    private const int Bins = 64;

    /// <summary>With fewer rows of a class, or of a value, chance alone reaches the limit.</summary>
    private const int LeastOfClass = 10;
    private const int LeastRows = 50;

    /// <summary>More rows do not change the answer.</summary>
    private const int MostRows = 200_000;

    public static void Check(ColumnValues column, ValidatedData data, DataValidationOptions options, FindingLog log)
    {
        var (values, targets) = Sample(column, data.Targets);
        var classes = data.Classes.Length;
        if (targets.Length < LeastRows || targets.All(target => target == targets[0]))
            return;
        var score = classes == 0 ? OfValue(values, targets) : OfClasses(values, targets, classes);
        if (score > options.Leakage)
        {
            log.Add(DataChecks.Leakage, column.Name, score, options.Leakage, $"Column '{column.Name}' alone tells target '{data.TargetName}' with {(classes == 0 ? "an R²" : "an area under the ROC curve")} of {score:0.####}, over the limit of {options.Leakage}; it is likely known only after the outcome. Leave it out, or take its value at the time of the prediction.");
        }
    }

    /// <summary>Rows evenly over the whole.</summary>
    private static (ColumnValues Values, double[] Targets) Sample(ColumnValues column, double[] targets)
    {
        if (targets.Length <= MostRows)
            return (column, targets);
        var rows = Enumerable.Range(0, MostRows).Select(i => (int)((long)i * targets.Length / MostRows)).ToArray();
        return (new ColumnValues(column.Name, column.Numbers is { } numbers ? [.. rows.Select(row => numbers[row])] : null, column.Texts is { } texts ? [.. rows.Select(row => texts[row])] : null), [.. rows.Select(row => targets[row])]);
    }

    /// <summary>The mean over the classes of the area under the curve of one against the rest; 0 where a class is too rare to say.</summary>
    private static double OfClasses(ColumnValues column, double[] targets, int classes)
    {
        var groups = Groups(column);
        double sum = 0;
        var counted = 0;
        for (var one = 0; one < classes; one++)
        {
            // Of two classes, one against the rest says all.
            if (classes == 2 && one == 0)
                continue;
            var isOne = Array.ConvertAll(targets, target => target == one ? 1.0 : 0.0);
            var count = isOne.Sum();
            if (count == 0)
                continue;
            if (count < LeastOfClass || targets.Length - count < LeastOfClass)
                return 0;
            var area = RocAuc.Compute(CrossFitted(groups, isOne), isOne);
            if (column.Numbers is { } numbers)
            {
                var raw = RocAuc.Compute(Filled(numbers), isOne);
                area = Math.Max(area, Math.Max(raw, 1 - raw));
            }

            sum += area;
            counted++;
        }

        return counted == 0 ? 0 : sum / counted;
    }

    /// <summary>The best of a straight line, of the order, and of the bins or values.</summary>
    private static double OfValue(ColumnValues column, double[] targets)
    {
        var best = RegressionScores.Of(CrossFitted(Groups(column), targets), targets).RSquared;
        if (column.Numbers is not { } numbers)
            return best;
        var filled = Filled(numbers);
        return Math.Max(best, Math.Max(SquaredCorrelation(filled, targets), SquaredCorrelation(Ranks(filled), Ranks(targets))));
    }

    /// <summary>For each row the mean target of its group over the rows of the other folds; where they have none of it, the mean of all.</summary>
    private static double[] CrossFitted(int[] groups, double[] targets)
    {
        var size = groups.Max() + 1;
        var (sums, counts) = (new double[size, Folds], new int[size, Folds]);
        for (var row = 0; row < groups.Length; row++)
        {
            sums[groups[row], row % Folds] += targets[row];
            counts[groups[row], row % Folds]++;
        }

        var prior = targets.Average();
        var means = new double[size, Folds];
        for (var group = 0; group < size; group++)
        {
            for (var fold = 0; fold < Folds; fold++)
            {
                double sum = 0;
                var count = 0;
                for (var other = 0; other < Folds; other++)
                    (sum, count) = other == fold ? (sum, count) : (sum + sums[group, other], count + counts[group, other]);
                means[group, fold] = count == 0 ? prior : sum / count;
            }
        }

        return [.. groups.Select((group, row) => means[group, row % Folds])];
    }

    /// <summary>Bins of equal counts of numbers, values of texts; what is missing is a group of its own.</summary>
    private static int[] Groups(ColumnValues column)
    {
        if (column.Texts is { } texts)
        {
            var codes = new Dictionary<string, int>(StringComparer.Ordinal);
            return [.. texts.Select(text => text is null ? 0 : codes.TryGetValue(text, out var code) ? code : codes[text] = codes.Count + 1)];
        }

        var sorted = column.Numbers!.Where(number => !double.IsNaN(number)).Order().ToArray();
        var edges = sorted.Length == 0 ? [] : Enumerable.Range(1, Bins - 1).Select(bin => sorted[(int)((long)bin * sorted.Length / Bins)]).Distinct().ToArray();
        return [.. column.Numbers!.Select(number =>
        {
            if (double.IsNaN(number))
                return 0;
            var place = Array.BinarySearch(edges, number);
            return 1 + (place >= 0 ? place + 1 : ~place);
        })];
    }

    /// <summary>Missing numbers below all others: that something is missing may give it away.</summary>
    private static double[] Filled(double[] numbers)
    {
        var least = numbers.Where(number => !double.IsNaN(number)).DefaultIfEmpty(0).Min();
        return Array.ConvertAll(numbers, number => double.IsNaN(number) ? least - Math.Max(1, Math.Abs(least)) : number);
    }

    /// <summary>From 0; equal values share the mean of their places.</summary>
    private static double[] Ranks(double[] values)
    {
        var order = Enumerable.Range(0, values.Length).ToArray();
        Array.Sort([.. values], order);
        var ranks = new double[values.Length];
        for (int start = 0, end; start < order.Length; start = end)
        {
            for (end = start + 1; end < order.Length && values[order[end]] == values[order[start]];)
                end++;
            for (var place = start; place < end; place++)
                ranks[order[place]] = (start + end - 1) / 2.0;
        }

        return ranks;
    }

    private static double SquaredCorrelation(double[] x, double[] y)
    {
        var (meanX, meanY) = (x.Average(), y.Average());
        double xx = 0, yy = 0, xy = 0;
        for (var row = 0; row < x.Length; row++)
        {
            var (dx, dy) = (x[row] - meanX, y[row] - meanY);
            (xx, yy, xy) = (xx + (dx * dx), yy + (dy * dy), xy + (dx * dy));
        }

        return xx > 0 && yy > 0 && double.IsFinite(xx) && double.IsFinite(yy) ? xy / xx * (xy / yy) : 0;
    }
}

namespace OrleansMl.Learning;

/// <summary>Distances between two sorted samples.</summary>
internal static class EmpiricalDistance
{
    /// <summary>sup |F − G|.</summary>
    public static double KolmogorovSmirnov(ReadOnlySpan<double> first, ReadOnlySpan<double> second)
    {
        double largest = 0;
        for (int i = 0, j = 0; i < first.Length && j < second.Length;)
        {
            var value = Math.Min(first[i], second[j]);
            while (i < first.Length && first[i] == value)
                i++;
            while (j < second.Length && second[j] == value)
                j++;
            largest = Math.Max(largest, Math.Abs(((double)i / first.Length) - ((double)j / second.Length)));
        }

        return largest;
    }

    /// <summary>∫ |F − G|: the area between the distribution functions.</summary>
    public static double Wasserstein(ReadOnlySpan<double> first, ReadOnlySpan<double> second)
    {
        double area = 0, before = Math.Min(first[0], second[0]);
        for (int i = 0, j = 0; i < first.Length || j < second.Length;)
        {
            var value = i == first.Length ? second[j] : j == second.Length ? first[i] : Math.Min(first[i], second[j]);
            area += Math.Abs(((double)i / first.Length) - ((double)j / second.Length)) * (value - before);
            before = value;
            while (i < first.Length && first[i] == value)
                i++;
            while (j < second.Length && second[j] == value)
                j++;
        }

        return area;
    }
}

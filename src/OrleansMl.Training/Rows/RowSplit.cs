using System.Collections.Immutable;
using OrleansMl.Learning;

namespace OrleansMl.Training;

/// <summary>The parts of some rows, each by index and in the order of time, without a row in two of them.</summary>
/// <param name="Train">What is fitted on.</param>
/// <param name="Validation">What is chosen by; may be empty.</param>
/// <param name="Test">What is judged on, and never looked at before.</param>
public sealed record RowSplit(ImmutableArray<int> Train, ImmutableArray<int> Validation, ImmutableArray<int> Test)
{
    /// <summary>Rows that can be split at all.</summary>
    public const int Fewest = 3;

    /// <summary>Splits; equal times keep the order of the file.</summary>
    /// <param name="plan">How.</param>
    /// <param name="times">Of each row, in the order of the file; at least <see cref="Fewest"/>.</param>
    /// <param name="seed">For a random split.</param>
    public static RowSplit Of(SplitPlan plan, ReadOnlySpan<DateTime> times, long seed)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentOutOfRangeException.ThrowIfLessThan(times.Length, Fewest, nameof(times));
        var (order, keys) = (Enumerable.Range(0, times.Length).ToArray(), times.ToArray());
        Array.Sort(order, (a, b) => keys[a].CompareTo(keys[b]) is var by and not 0 ? by : a.CompareTo(b));
        long? shuffled = plan.By == SplitPlan.Random ? seed : null;
        var gap = shuffled is null ? plan.Gap : 0;
        var outer = Splitter.HoldOut(order.Length, plan.Test, shuffled);
        ImmutableArray<int> test = [.. outer.Test.Select(place => order[place])];
        var before = Shortened(outer.Train, gap);
        if (plan.Validation <= 0 || before.Length < 2)
            return new RowSplit([.. before.Select(place => order[place])], [], test);
        var inner = Splitter.HoldOut(before.Length, plan.Validation / (1 - plan.Test), shuffled);
        return new RowSplit([.. Shortened(inner.Train, gap).Select(place => order[before[place]])], [.. inner.Test.Select(place => order[before[place]])], test);
    }

    /// <summary>Without the last rows, but for one.</summary>
    private static ImmutableArray<int> Shortened(ImmutableArray<int> rows, int gap) => rows[..Math.Max(1, rows.Length - gap)];
}

using System.Globalization;
using OrleansMl.Declaration;
using OrleansMl.Learning;

namespace OrleansMl.Retraining;

/// <summary>Student's paired test on rows that neither of two versions has learned from, at the level and on the rows that a promotion declares.</summary>
internal static class HeldOutTest
{
    /// <summary>Name of the test in the evidence.</summary>
    public const string Name = "paired_t";

    /// <summary>Rows that it needs where the model declares no promotion.</summary>
    private const int Fewest = 30;

    /// <summary>Rows that it needs, at least.</summary>
    public static int NeededOf(PromotionDefinition? declared) => Math.Max(2, declared?.MinOutcomes ?? Fewest);

    /// <summary>Its level.</summary>
    public static double AlphaOf(PromotionDefinition? declared) => declared?.Alpha ?? 0.05;

    /// <param name="metric">Of what the differences are.</param>
    /// <param name="differences">Row by row, above 0 where the new one is better; at least two.</param>
    /// <param name="alpha">Level.</param>
    public static PromotionEvidence Of(string metric, double[] differences, double alpha)
    {
        var interval = PairedDifference.Interval(differences, 1 - alpha);
        return new PromotionEvidence(Name, metric, differences.Length, interval.Estimate, interval.Lower, interval.Upper, alpha);
    }

    /// <summary>Why the new one does not take the old one's place; null: it is better.</summary>
    /// <param name="evidence">What the test gave.</param>
    /// <param name="old">Number of the old one.</param>
    public static string? WhyNotBetter(PromotionEvidence evidence, int? old) => evidence.Lower > 0
        ? null
        : string.Create(CultureInfo.InvariantCulture, $"it is not better than version {old}: the mean difference of {evidence.Metric} is {evidence.Estimate:G4}, at the level {evidence.Alpha:G3} in [{evidence.Lower:G4}, {evidence.Upper:G4}]");
}

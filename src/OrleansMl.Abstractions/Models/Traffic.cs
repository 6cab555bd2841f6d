using System.Collections.Immutable;

namespace OrleansMl;

/// <summary>
/// Which versions answer the calls that name none, and which see a copy of those calls. It stands until it is changed, or
/// until the champion moves: then the split ends, and all calls go to the champion.
/// </summary>
/// <param name="Split">Shares of the calls; empty: all go to the plan's default.</param>
/// <param name="Shadow">Versions that get a copy of each call; their answers are compared and never returned.</param>
/// <param name="IsSticky">The same entity gets the same version for as long as the split stands; else each call is drawn.</param>
[GenerateSerializer, Immutable, Alias("oml.Traffic")]
public sealed record Traffic(
    [property: Id(0)] ImmutableArray<TrafficShare> Split,
    [property: Id(1)] ImmutableArray<int> Shadow,
    [property: Id(2)] bool IsSticky)
{
    /// <summary>Versions in a split and in the shadow at most, together.</summary>
    public const int MaxVersions = 16;

    /// <summary>Every version that it names.</summary>
    public IEnumerable<int> Versions => Split.Select(s => s.Version).Concat(Shadow);

    /// <summary>Why it cannot stand; null: it can.</summary>
    public string? WhyNot()
    {
        if (Versions.Count() > MaxVersions)
            return $"Traffic names {Versions.Count()} versions; at most {MaxVersions} can be named.";
        if (Split.FirstOrDefault(s => !double.IsFinite(s.Weight) || s.Weight is < 0 or > 1e9) is { } wrong)
            return $"The weight of version {wrong.Version} is {wrong.Weight}; give a number from 0 to 1e9.";
        if (!Split.IsEmpty && Split.Sum(s => s.Weight) <= 0)
            return "All weights of the split are 0, so no version would answer; give one of them more, or leave the split out.";
        return Versions.GroupBy(v => v).FirstOrDefault(g => g.Count() > 1)?.Key is { } twice
            ? $"Version {twice} is named twice; name it once, in the split or in the shadow."
            : null;
    }

    /// <summary>
    /// The version at a point of the split; null: there is no split. Shares lie one after another in their order, so while the
    /// last one grows, entities only move to it.
    /// </summary>
    /// <param name="point">From 0 to below 1.</param>
    public int? At(double point)
    {
        if (Split.IsEmpty)
            return null;
        var left = point * Split.Sum(s => s.Weight);
        foreach (var share in Split)
        {
            if (left < share.Weight)
                return share.Version;
            left -= share.Weight;
        }

        // Rounding may leave a crumb.
        return Split.Last(s => s.Weight > 0).Version;
    }
}

using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>A trial's scores with a share of the resource.</summary>
/// <param name="Share">In (0, 1].</param>
/// <param name="Scores">Of each fold.</param>
/// <param name="Seconds">Wall time.</param>
public sealed record TrialRung(double Share, ImmutableArray<double> Scores, double Seconds)
{
    /// <summary>Mean of the folds.</summary>
    public double Score => Scores.Average();

    public bool Equals(TrialRung? other) => other is not null && Share == other.Share && Seconds == other.Seconds && Scores.SequenceEqual(other.Scores);

    public override int GetHashCode() => HashCode.Combine(Share, Seconds, Scores.Length);
}

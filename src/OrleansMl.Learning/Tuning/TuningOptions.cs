namespace OrleansMl.Learning;

/// <summary>How much a search may take.</summary>
public sealed record TuningOptions
{
    public TuningMethod Method { get; init; } = TuningMethod.Random;

    /// <summary>Sets of parameters, ≥ 1.</summary>
    public int Trials { get; init; } = 20;

    /// <summary>After so many no evaluation is begun, those of an earlier run counted in; null: no limit. With a limit the search depends on the machine.</summary>
    public double? Seconds { get; init; }

    /// <summary>Of the draws.</summary>
    public long Seed { get; init; } = 1;
}

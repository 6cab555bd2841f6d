namespace OrleansMl.Learning;

/// <summary>What a policy would have earned on a log, with what tells whether the log can say it.</summary>
/// <param name="Value">Mean reward, with its normal interval.</param>
/// <param name="Count">Decisions, n.</param>
/// <param name="EffectiveSampleSize">(Σw)²/Σw², in [0, n]: far below n, the estimate rests on few decisions.</param>
/// <param name="MaxWeight">Largest w.</param>
/// <param name="MeanWeight">Mean w before any cap; far from 1, the log does not cover the policy or its propensities are wrong.</param>
public sealed record OffPolicyEstimate(ConfidenceInterval Value, int Count, double EffectiveSampleSize, double MaxWeight, double MeanWeight);

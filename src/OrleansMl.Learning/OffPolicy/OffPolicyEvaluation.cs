namespace OrleansMl.Learning;

/// <summary>
/// Estimates of a policy's mean reward from decisions that another policy made and logged with their propensities
/// (Dudík, Langford and Li 2011; Swaminathan and Joachims 2015). Intervals are normal ones, for one look.
/// </summary>
public static class OffPolicyEvaluation
{
    /// <summary>Inverse propensity score: mean w·r. Unbiased without a cap; a cap trades variance for bias.</summary>
    /// <param name="maxWeight">Weights above it count as it, &gt; 0.</param>
    /// <exception cref="ArgumentException">Fewer than two decisions, or one that is out of range.</exception>
    public static OffPolicyEstimate Ips(ReadOnlySpan<LoggedDecision> log, double maxWeight = double.PositiveInfinity, double level = ConfidenceInterval.DefaultLevel)
    {
        var terms = Weights(log, maxWeight);
        for (var i = 0; i < terms.Length; i++)
            terms[i] *= log[i].Reward;
        return OfMean(log, terms, level);
    }

    /// <summary>Doubly robust: mean of q̂(π) + w·(r − q̂(a)). Unbiased if the propensities are right, and sharp if the reward model is good.</summary>
    /// <inheritdoc cref="Ips" path="/param"/>
    /// <inheritdoc cref="Ips" path="/exception"/>
    public static OffPolicyEstimate DoublyRobust(ReadOnlySpan<LoggedDecision> log, double maxWeight = double.PositiveInfinity, double level = ConfidenceInterval.DefaultLevel)
    {
        var terms = Weights(log, maxWeight);
        for (var i = 0; i < terms.Length; i++)
            terms[i] = log[i].PredictedValue + (terms[i] * (log[i].Reward - log[i].PredictedReward));
        return OfMean(log, terms, level);
    }

    /// <summary>Self-normalised: Σw·r/Σw, within the range of the rewards; slightly biased, much less varying. NaN where the policies never meet.</summary>
    /// <inheritdoc cref="Ips" path="/exception"/>
    public static OffPolicyEstimate Snips(ReadOnlySpan<LoggedDecision> log, double level = ConfidenceInterval.DefaultLevel)
    {
        var weights = Weights(log, double.PositiveInfinity);
        double sum = 0, rewards = 0, squares = 0;
        for (var i = 0; i < weights.Length; i++)
            (sum, rewards) = (sum + weights[i], rewards + (weights[i] * log[i].Reward));
        for (var i = 0; i < weights.Length; i++)
            squares += Math.Pow(weights[i] * (log[i].Reward - (rewards / sum)), 2);

        // The variance of a ratio by the delta method.
        return Evidence(log, ConfidenceInterval.Normal(rewards / sum, Math.Sqrt(squares) / sum, level));
    }

    private static OffPolicyEstimate OfMean(ReadOnlySpan<LoggedDecision> log, double[] terms, double level)
    {
        var mean = terms.Average();
        var variance = terms.Sum(term => (term - mean) * (term - mean)) / (terms.Length - 1);
        return Evidence(log, ConfidenceInterval.Normal(mean, Math.Sqrt(variance / terms.Length), level));
    }

    private static OffPolicyEstimate Evidence(ReadOnlySpan<LoggedDecision> log, ConfidenceInterval value)
    {
        double sum = 0, squares = 0, largest = 0;
        foreach (var decision in log)
            (sum, squares, largest) = (sum + decision.Weight, squares + (decision.Weight * decision.Weight), Math.Max(largest, decision.Weight));
        return new OffPolicyEstimate(value, log.Length, squares > 0 ? sum * sum / squares : 0, largest, sum / log.Length);
    }

    private static double[] Weights(ReadOnlySpan<LoggedDecision> log, double maxWeight)
    {
        if (!(maxWeight > 0))
            throw new ArgumentOutOfRangeException(nameof(maxWeight), maxWeight, "The cap of the weights must be above 0.");
        if (log.Length < 2)
            throw new ArgumentException($"An interval needs at least 2 decisions, not {log.Length}.", nameof(log));
        var weights = new double[log.Length];
        for (var i = 0; i < log.Length; i++)
        {
            var decision = log[i];
            if (!(decision.LoggedPropensity is > 0 and <= 1))
                throw new ArgumentException($"The logged propensity of decision {i} is {decision.LoggedPropensity}; it must be in (0, 1].", nameof(log));
            if (!(decision.TargetPropensity is >= 0 and <= 1))
                throw new ArgumentException($"The target propensity of decision {i} is {decision.TargetPropensity}; it must be in [0, 1].", nameof(log));
            if (!double.IsFinite(decision.Reward + decision.PredictedReward + decision.PredictedValue))
                throw new ArgumentException($"The reward or prediction of decision {i} is not finite.", nameof(log));
            weights[i] = Math.Min(decision.Weight, maxWeight);
        }

        return weights;
    }
}

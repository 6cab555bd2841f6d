using System.Collections.Immutable;

namespace OrleansMl.Inference;

/// <summary>Makes one tensor of several of the same type and shape, element by element.</summary>
/// <param name="Kind">How.</param>
/// <param name="Inputs">Tensors of the ensemble; one may stand here twice.</param>
/// <param name="Output">Tensor of the ensemble.</param>
/// <param name="Weights">One for each input, each ≥ 0 and their sum above 0; empty: all are 1.</param>
public sealed record CombineStep(CombinationKind Kind, ImmutableArray<string> Inputs, string Output, ImmutableArray<double> Weights) : EnsembleStep
{
    public override ImmutableArray<string> Reads => [.. Inputs.Distinct(StringComparer.Ordinal)];

    public override ImmutableArray<string> Writes => [Output];

    public override string What => Kind == CombinationKind.Average ? "average" : "vote";

    internal override string? Fault()
    {
        if (Inputs.IsEmpty || Output.Length == 0 || Inputs.Contains(""))
            return $"{(Output.Length == 0 ? "output" : "input")} is missing; name {(Output.Length == 0 ? "a tensor" : "tensors")} of the ensemble";
        if (Weights.IsEmpty)
            return null;
        if (Weights.Length != Inputs.Length)
            return $"there are {Weights.Length} weights for {Inputs.Length} inputs; give one for each, or none";
        var sum = 0.0;
        foreach (var weight in Weights)
        {
            if (!double.IsFinite(weight) || weight < 0)
                return $"a weight is {Text(weight)}; give a number from 0 on";
            sum += weight;
        }

        return sum is > 0 and < double.PositiveInfinity ? null : $"the weights add up to {Text(sum)}; their sum must be above 0 and finite";
    }

    private static string Text(double number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}

using System.Collections.Immutable;

namespace OrleansMl.Inference.Tests.Ensembles;

/// <summary>Ensembles in short: <c>Model("m", "x=a", "y=b")</c> runs m with its input x from a, and keeps its output y as b.</summary>
internal static class Steps
{
    public static TensorSpec Floats(string name, params long[] shape) => new(name, TensorType.Fp32, [.. shape.Length == 0 ? [-1, 1] : shape]);

    public static TensorSpec Of(TensorType type, string name, params long[] shape) => new(name, type, [.. shape]);

    public static ModelCall Call(string model, string inputs, string outputs, int? version = null) => new(model, version, Map(inputs), Map(outputs));

    public static ModelStep Model(string model, string inputs, string outputs) => new(Call(model, inputs, outputs));

    public static CombineStep Average(string inputs, string output, params double[] weights) => new(CombinationKind.Average, [.. inputs.Split(' ')], output, [.. weights]);

    public static CombineStep Vote(string inputs, string output, params double[] weights) => new(CombinationKind.Vote, [.. inputs.Split(' ')], output, [.. weights]);

    public static SwitchCase Case(string values, ModelCall call) => new([.. values.Split(' ', StringSplitOptions.RemoveEmptyEntries)], call);

    /// <summary>Inputs and outputs are named, floats of [-1,1].</summary>
    public static EnsembleDefinition Ensemble(string inputs, string outputs, params EnsembleStep[] steps) =>
        new(8, [.. Names(inputs).Select(n => Floats(n))], [.. Names(outputs).Select(n => Floats(n))], [.. steps]);

    public static EnsemblePlan Plan(EnsembleDefinition definition)
    {
        Assert.True(EnsemblePlan.TryMake(definition, out var plan, out var fault), fault);
        return plan;
    }

    private static ImmutableSortedDictionary<string, string> Map(string map) =>
        Names(map).Select(m => m.Split('=')).ToImmutableSortedDictionary(m => m[0], m => m[1], StringComparer.Ordinal);

    private static string[] Names(string names) => names.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}

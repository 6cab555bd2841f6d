using System.Collections.Immutable;

namespace OrleansMl.Inference;

/// <summary>A model that a step runs.</summary>
/// <param name="Model">Name of the model.</param>
/// <param name="Version">Number of the version; null: the model's default when it runs.</param>
/// <param name="Inputs">Input of the model → tensor of the ensemble.</param>
/// <param name="Outputs">Output of the model → tensor of the ensemble; others are not asked for.</param>
public sealed record ModelCall(string Model, int? Version, ImmutableSortedDictionary<string, string> Inputs, ImmutableSortedDictionary<string, string> Outputs)
{
    /// <summary>What it asks the model for, in the order of <see cref="Outputs"/>: made once, as every request needs it.</summary>
    public IReadOnlyList<string> OutputNames { get; } = [.. Outputs.Keys];

    /// <summary>Tensors of the ensemble that the outputs become, in the order of <see cref="OutputNames"/>.</summary>
    public IReadOnlyList<string> Written { get; } = [.. Outputs.Values];

    /// <summary>The maps of inputs as an array, which costs less to walk than a tree.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> InputMap { get; } = [.. Inputs];

    internal string? Fault()
    {
        if (Model.Length == 0)
            return "it names no model; write model_name, or one of average, vote and switch";
        if (Inputs.IsEmpty || Outputs.IsEmpty)
            return $"{(Inputs.IsEmpty ? "input_map" : "output_map")} of model '{Model}' is empty; write {{ key: \"{(Inputs.IsEmpty ? "input" : "output")} of the model\" value: \"tensor of the ensemble\" }}";
        return Inputs.Concat(Outputs).FirstOrDefault(m => m.Key.Length == 0 || m.Value.Length == 0) is { Key: not null } empty
            ? $"a map of model '{Model}' has the entry '{empty.Key}' → '{empty.Value}'; neither may be empty"
            : null;
    }
}

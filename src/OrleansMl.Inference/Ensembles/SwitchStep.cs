using System.Collections.Frozen;
using System.Collections.Immutable;

namespace OrleansMl.Inference;

/// <summary>Runs one of several models, by the value of a tensor. All of them write the same tensors.</summary>
/// <param name="Input">The tensor that decides: BYTES, BOOL or whole numbers. All its elements must be equal.</param>
/// <param name="Cases">In order.</param>
/// <param name="Default">Runs for every other value; null: such a request is refused.</param>
public sealed record SwitchStep(string Input, ImmutableArray<SwitchCase> Cases, ModelCall? Default) : EnsembleStep
{
    private readonly FrozenDictionary<string, ModelCall> _byValue = Cases
        .SelectMany(c => c.Values.Select(v => (Value: v, c.Call))).DistinctBy(c => c.Value, StringComparer.Ordinal)
        .ToFrozenDictionary(c => c.Value, c => c.Call, StringComparer.Ordinal);

    public override ImmutableArray<string> Reads => [.. Calls.SelectMany(c => c.Inputs.Values).Prepend(Input).Distinct(StringComparer.Ordinal)];

    public override ImmutableArray<string> Writes => Calls.IsEmpty ? [] : [.. Calls[0].Outputs.Values];

    public override ImmutableArray<ModelCall> Calls => Default is null ? [.. Cases.Select(c => c.Call)] : [.. Cases.Select(c => c.Call), Default];

    public override string What => $"switch on '{Input}'";

    /// <summary>Every value that has a case, in order.</summary>
    public IEnumerable<string> Values => Cases.SelectMany(c => c.Values);

    /// <summary>The model that a value means; null: none.</summary>
    public ModelCall? For(string value) => _byValue.GetValueOrDefault(value) ?? Default;

    internal override string? Fault()
    {
        if (Input.Length == 0)
            return "input is missing; name the tensor that decides";
        if (Cases.IsEmpty)
            return "it has no case; write case { value: \"…\" model_name: \"…\" … } for at least one value";
        if (Cases.FirstOrDefault(c => c.Values.IsEmpty) is { } empty)
            return $"the case of model '{empty.Call.Model}' has no value; give one, or make it the default";
        if (Values.GroupBy(v => v, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1)?.Key is { } twice)
            return $"the value '{twice}' has two cases; give it one";
        if (Calls.Select(c => c.Fault()).FirstOrDefault(f => f is not null) is { } fault)
            return fault;
        var first = Calls[0];
        foreach (var call in Calls)
        {
            if (first.Outputs.Values.Except(call.Outputs.Values, StringComparer.Ordinal).FirstOrDefault() is { } missing)
                return $"model '{call.Model}' does not write '{missing}', which model '{first.Model}' does; every branch writes the same tensors";
            if (call.Outputs.Values.Except(first.Outputs.Values, StringComparer.Ordinal).FirstOrDefault() is { } other)
                return $"model '{first.Model}' does not write '{other}', which model '{call.Model}' does; every branch writes the same tensors";
            if (call.Outputs.Values.GroupBy(v => v, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1)?.Key is { } repeated)
                return $"model '{call.Model}' writes '{repeated}' twice; map one of its outputs to it";
        }

        return null;
    }
}

using System.Collections.Immutable;
using System.Globalization;

namespace OrleansMl.Inference;

/// <summary>Whether the tensors of an ensemble fit the models that read and write them. Pure.</summary>
public static class EnsembleTypes
{
    /// <summary>Null where all fits; else what does not, with the step, both sides and where the tensor comes from.</summary>
    /// <param name="plan">Of the ensemble.</param>
    /// <param name="models">What is known of a model that a step runs.</param>
    public static string? WhyNot(EnsemblePlan plan, Func<ModelCall, StepModel> models)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(models);
        var definition = plan.Definition;
        var tensors = definition.Inputs.ToDictionary(i => i.Name, i => new Known(i, "the ensemble's input"), StringComparer.Ordinal);
        foreach (var step in plan.Order)
        {
            var title = definition.TitleOf(step);
            var written = ImmutableArray.CreateBuilder<TensorSpec>();
            var fault = definition.Steps[step] switch
            {
                CombineStep combine => Combine(combine, tensors, written),
                SwitchStep choice => Decide(choice, tensors[choice.Input]) ?? Run(choice.Calls, definition, tensors, models, written),
                var other => Run(other.Calls, definition, tensors, models, written),
            };
            if (fault is not null)
                return $"{title}: {fault}";
            foreach (var tensor in written)
                tensors[tensor.Name] = new Known(tensor, title);
        }

        return definition.Outputs.Where(o => !IsFit(o, tensors[o.Name].Spec))
            .Select(o => $"output '{o.Name}' is {Text(o)}; {tensors[o.Name].From} writes {Text(tensors[o.Name].Spec)}").FirstOrDefault();
    }

    private static string? Run(ImmutableArray<ModelCall> calls, EnsembleDefinition definition, Dictionary<string, Known> tensors, Func<ModelCall, StepModel> models, ImmutableArray<TensorSpec>.Builder written)
    {
        foreach (var call in calls)
        {
            var model = models(call);
            if (Read(call, model, tensors) is { } fault)
                return fault;
            if (model.MaxBatchSize < definition.MaxBatchSize)
                return $"model '{call.Model}' has max_batch_size {model.MaxBatchSize}, the ensemble {definition.MaxBatchSize}; lower that of the ensemble, or raise that of the model";
            foreach (var (name, tensor) in call.Outputs)
            {
                if (model.Outputs.FirstOrDefault(o => o.Name == name) is not { } output)
                    return $"model '{call.Model}' has no output '{name}' (outputs: {Names(model.Outputs)})";
                var spec = output with { Name = tensor };
                var place = Enumerable.Range(0, written.Count).FirstOrDefault(i => written[i].Name == tensor, -1);
                if (place < 0)
                    written.Add(spec);
                else if (written[place].Type != spec.Type)
                    return $"model '{call.Model}' writes '{tensor}' as {spec.Type.ToProtocolName()}, another branch as {written[place].Type.ToProtocolName()}; every branch writes the same type";
                else
                    written[place] = Either(written[place], spec);
            }
        }

        return null;
    }

    private static string? Read(ModelCall call, StepModel model, Dictionary<string, Known> tensors)
    {
        if (model.Inputs.FirstOrDefault(i => !call.Inputs.ContainsKey(i.Name)) is { } unmapped)
            return $"input '{unmapped.Name}' of model '{call.Model}' is missing in input_map; map it to a tensor of the ensemble";
        foreach (var (name, tensor) in call.Inputs)
        {
            if (model.Inputs.FirstOrDefault(i => i.Name == name) is not { } input)
                return $"model '{call.Model}' has no input '{name}' (inputs: {Names(model.Inputs)})";
            if (!IsFit(input, tensors[tensor].Spec))
                return $"input '{name}' of model '{call.Model}' is {Text(input)}; tensor '{tensor}' is {Text(tensors[tensor].Spec)}, by {tensors[tensor].From}";
        }

        return null;
    }

    private static string? Combine(CombineStep step, Dictionary<string, Known> tensors, ImmutableArray<TensorSpec>.Builder written)
    {
        var first = tensors[step.Inputs[0]].Spec;
        if (!Combination.Takes(step.Kind, first.Type))
            return $"tensor '{first.Name}' is {first.Type.ToProtocolName()}; {step.What} takes {Combination.Wanted(step.Kind)}";
        var all = first;
        foreach (var name in step.Inputs)
        {
            var next = tensors[name].Spec;
            if (!IsFit(all, next))
                return $"tensor '{name}' is {Text(next)} and '{first.Name}' {Text(first)}; {step.What} takes tensors of one type and shape";
            all = Both(all, next);
        }

        written.Add(all with { Name = step.Output });
        return null;
    }

    private static string? Decide(SwitchStep step, Known on)
    {
        var type = on.Spec.Type;
        if (!TensorChoice.Takes(type))
            return $"tensor '{step.Input}' is {type.ToProtocolName()}, by {on.From}; a switch decides by BYTES, BOOL or whole numbers";
        return step.Values.FirstOrDefault(v => !TensorChoice.IsValue(type, v)) is { } wrong
            ? $"the value '{wrong}' of a case cannot be one of '{step.Input}', which is {type.ToProtocolName()}; write {(type == TensorType.Bool ? "true or false" : "a whole number in decimal, within the type's range")}"
            : null;
    }

    private static bool IsFit(TensorSpec a, TensorSpec b)
    {
        if (a.Type != b.Type)
            return false;
        if (!a.HasShape || !b.HasShape)
            return true;
        return a.Shape.Length == b.Shape.Length && a.Shape.Zip(b.Shape).All(d => d.First < 0 || d.Second < 0 || d.First == d.Second);
    }

    /// <summary>What is known of a tensor that is both; they fit.</summary>
    private static TensorSpec Both(TensorSpec a, TensorSpec b) =>
        !a.HasShape ? b : !b.HasShape ? a : a with { Shape = [.. a.Shape.Zip(b.Shape, Math.Max)] };

    /// <summary>What is known of a tensor that is one of them.</summary>
    private static TensorSpec Either(TensorSpec a, TensorSpec b) =>
        !a.HasShape || !b.HasShape || a.Shape.Length != b.Shape.Length ? a with { Shape = [], HasShape = false } : a with { Shape = [.. a.Shape.Zip(b.Shape, (x, y) => x == y ? x : -1)] };

    private static string Text(TensorSpec spec) => string.Create(CultureInfo.InvariantCulture, $"{spec.Type.ToProtocolName()} {spec.ShapeText}");

    private static string Names(ImmutableArray<TensorSpec> specs) => string.Join(", ", specs.Select(s => $"'{s.Name}'"));

    private sealed record Known(TensorSpec Spec, string From);
}

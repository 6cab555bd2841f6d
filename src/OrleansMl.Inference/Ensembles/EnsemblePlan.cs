using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace OrleansMl.Inference;

/// <summary>Which step of an ensemble waits for which. Pure; what it is made of cannot be run wrongly.</summary>
public sealed class EnsemblePlan
{
    private readonly ModelSignature _signature;
    private readonly string[] _outputNames;
    private readonly bool[] _neededForAll;

    private EnsemblePlan(EnsembleDefinition definition, ImmutableArray<ImmutableArray<int>> before, ImmutableArray<int> order)
    {
        (Definition, Before, Order) = (definition, before, order);
        After = [.. Enumerable.Range(0, before.Length).Select(step => Enumerable.Range(0, before.Length).Where(other => before[other].Contains(step)).ToImmutableArray())];
        _signature = new ModelSignature(definition.Inputs, definition.Outputs, ImmutableSortedDictionary<string, string>.Empty);
        _outputNames = [.. definition.Outputs.Select(o => o.Name)];
        _neededForAll = Needed(_outputNames);
    }

    public EnsembleDefinition Definition { get; }

    /// <summary>For each step those that write what it reads, each once.</summary>
    public ImmutableArray<ImmutableArray<int>> Before { get; }

    /// <summary>For each step those that read what it writes.</summary>
    public ImmutableArray<ImmutableArray<int>> After { get; }

    /// <summary>All steps, each behind those that it waits for; of several the one that stands first.</summary>
    public ImmutableArray<int> Order { get; }

    /// <summary>Makes the plan of a definition.</summary>
    /// <param name="definition">Of the ensemble.</param>
    /// <param name="plan">The plan; null where there is a fault.</param>
    /// <param name="fault">What is wrong, with the step, the tensor and the remedy; null: nothing.</param>
    public static bool TryMake(EnsembleDefinition definition, [NotNullWhen(true)] out EnsemblePlan? plan, [NotNullWhen(false)] out string? fault)
    {
        ArgumentNullException.ThrowIfNull(definition);
        plan = null;
        fault = StepFault(definition);
        if (fault is not null)
            return false;
        var writers = WritersOf(definition, out fault);
        fault ??= TensorFault(definition, writers);
        if (fault is not null)
            return false;
        ImmutableArray<ImmutableArray<int>> before = [.. definition.Steps.Select(s => s.Reads.Where(writers.ContainsKey).Select(t => writers[t]).Distinct().Order().ToImmutableArray())];
        var order = Sort(before);
        if (order.Length < before.Length)
        {
            fault = $"{Circle(definition, before, order)}; a tensor cannot depend on itself";
            return false;
        }

        plan = new EnsemblePlan(definition, before, order);
        var needed = plan.NeededFor(plan._outputNames);
        fault = Enumerable.Range(0, needed.Length).Where(s => !needed[s]).Select(s => $"{definition.TitleOf(s)} leads to no output of the ensemble; remove it, or add an output").FirstOrDefault();
        if (fault is not null)
            plan = null;
        return fault is null;
    }

    /// <summary>Checks a request against the ensemble's inputs and outputs.</summary>
    /// <returns>The outputs to give, in the order asked for; all when none is named.</returns>
    /// <exception cref="InferenceInputException">It does not fit; the message says what.</exception>
    public IReadOnlyList<string> Check(IReadOnlyList<Tensor> inputs, IReadOnlyList<string> outputs)
    {
        RequestCheck.Inputs(_signature, inputs);
        return RequestCheck.Outputs(_signature, _outputNames, outputs);
    }

    /// <summary>For each step whether any of these outputs needs it. Not to be changed.</summary>
    public bool[] NeededFor(IReadOnlyList<string> outputs) => ReferenceEquals(outputs, _outputNames) ? _neededForAll : Needed(outputs);

    private bool[] Needed(IReadOnlyList<string> outputs)
    {
        var needed = new bool[Order.Length];
        for (var i = Order.Length - 1; i >= 0; i--)
        {
            var step = Order[i];
            needed[step] = After[step].Any(s => needed[s]) || Definition.Steps[step].Writes.Any(w => outputs.Contains(w, StringComparer.Ordinal));
        }

        return needed;
    }

    private static string? StepFault(EnsembleDefinition definition)
    {
        if (definition.Steps.Length is 0 or > EnsembleDefinition.MaxSteps)
            return $"it has {definition.Steps.Length} steps; give 1 to {EnsembleDefinition.MaxSteps}";
        foreach (var (tensors, kind) in new[] { (definition.Inputs, "input"), (definition.Outputs, "output") })
        {
            if (tensors.IsEmpty)
                return $"it has no {kind}; an ensemble has no file to take them from, so list them under {kind}";
            if (tensors.GroupBy(t => t.Name, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1)?.Key is { } twice)
                return $"{kind} '{twice}' is given twice; give it once";
        }

        return definition.Steps.Select((s, i) => s.Fault() is { } fault ? $"{definition.TitleOf(i)}: {fault}" : null).FirstOrDefault(f => f is not null);
    }

    private static Dictionary<string, int> WritersOf(EnsembleDefinition definition, out string? fault)
    {
        fault = null;
        var writers = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var step = 0; step < definition.Steps.Length; step++)
        {
            foreach (var tensor in definition.Steps[step].Writes)
            {
                if (definition.Inputs.Any(i => i.Name == tensor))
                    fault ??= $"{definition.TitleOf(step)} writes '{tensor}', which is an input of the ensemble; give it another name";
                else if (!writers.TryAdd(tensor, step))
                    fault ??= $"tensor '{tensor}' is written twice, by {definition.TitleOf(writers[tensor])} and by {definition.TitleOf(step)}; give one of them another name";
            }
        }

        return writers;
    }

    private static string? TensorFault(EnsembleDefinition definition, Dictionary<string, int> writers)
    {
        var known = string.Join(", ", definition.Inputs.Select(i => i.Name).Concat(writers.Keys).Select(t => $"'{t}'"));
        for (var step = 0; step < definition.Steps.Length; step++)
        {
            if (definition.Steps[step].Reads.FirstOrDefault(r => !writers.ContainsKey(r) && definition.Inputs.All(i => i.Name != r)) is { } unwritten)
                return $"{definition.TitleOf(step)} reads '{unwritten}', which is no input of the ensemble and written by no step (there are {known})";
        }

        if (definition.Outputs.FirstOrDefault(o => !writers.ContainsKey(o.Name)) is { } unmade)
            return $"output '{unmade.Name}' is written by no step (written are {string.Join(", ", writers.Keys.Select(t => $"'{t}'"))})";
        return definition.Inputs.FirstOrDefault(i => !definition.Steps.Any(s => s.Reads.Contains(i.Name))) is { } unread
            ? $"input '{unread.Name}' is read by no step; remove it, or map it"
            : null;
    }

    /// <summary>Kahn's order ("Topological sorting of large networks", CACM 1962); what lies on or behind a circle is left out.</summary>
    private static ImmutableArray<int> Sort(ImmutableArray<ImmutableArray<int>> before)
    {
        var order = ImmutableArray.CreateBuilder<int>(before.Length);
        var placed = new bool[before.Length];
        for (var found = true; found;)
        {
            found = false;
            for (var step = 0; step < before.Length && !found; step++)
            {
                found = !placed[step] && before[step].All(b => placed[b]);
                if (found)
                {
                    placed[step] = true;
                    order.Add(step);
                }
            }
        }

        return order.ToImmutable();
    }

    private static string Circle(EnsembleDefinition definition, ImmutableArray<ImmutableArray<int>> before, ImmutableArray<int> order)
    {
        // Every step left waits for another one left: going back long enough comes round.
        var path = new List<int> { Enumerable.Range(0, before.Length).First(s => !order.Contains(s)) };
        while (path.IndexOf(path[^1]) == path.Count - 1)
            path.Add(before[path[^1]].First(b => !order.Contains(b)));
        path.Reverse();
        return string.Join(" → ", path.Take(path.LastIndexOf(path[0]) + 1).Select(definition.TitleOf));
    }
}

using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using OrleansMl.Inference;
using OrleansMl.Protocol;
using OrleansMl.Protocol.Configuration;
using Step = OrleansMl.Protocol.ModelEnsembling.Types.Step;

namespace OrleansMl.Serving;

/// <summary>
/// The ensemble that a configuration states. What makes a version of it, and its digest, is the canonical form: the graph with
/// its inputs and outputs, and nothing that may change while the version stays.
/// </summary>
internal static class EnsembleConfig
{
    public const string Platform = "ensemble";

    /// <summary>Of the canonical form, which every plan carries.</summary>
    public const int MaxBytes = 256 << 10;

    private static readonly ConditionalWeakTable<VersionManifest, EnsemblePlan> s_plans = [];

    /// <summary>The configuration is meant for an ensemble, whether it is a good one or not.</summary>
    public static bool IsMeant(ModelConfig? config) => config is not null && (config.Platform == Platform || config.EnsembleScheduling is not null);

    /// <summary>Null where an ensemble can be made of it; else the field, its value and the remedy.</summary>
    public static string? WhyNot(ModelConfig config, string model)
    {
        if (config.Name.Length > 0 && config.Name != model)
            return $"name is '{config.Name}', the model is '{model}'; write that, or leave name out";
        if (config.EnsembleScheduling is null)
            return $"platform is '{Platform}' and there is no ensemble_scheduling; write ensemble_scheduling {{ step [ … ] }}";
        if (config.Platform is not ("" or Platform))
            return $"platform is '{config.Platform}' beside ensemble_scheduling; write '{Platform}'";
        if (config.Backend.Length > 0)
            return $"backend is '{config.Backend}'; an ensemble has none, leave it out";
        if (config.InstanceGroup.Count > 0)
            return "instance_group has no meaning for an ensemble; state it for the models that it runs";
        if (config.MaxBatchSize < 0)
            return $"max_batch_size is {config.MaxBatchSize}; write 0 (no batch dimension) or more";
        if (config.ModelTransactionPolicy?.Decoupled == true)
            return "model_transaction_policy.decoupled is true; a model here gives one answer for each request, write false";
        if (config.ResponseCache?.Enable == true && ServedConfig.LifeOf(config) is null)
            return $"parameters[\"{ServedConfig.ResponseLifeParameter}\"] is '{config.Parameters[ServedConfig.ResponseLifeParameter].StringValue}'; write seconds above 0 and up to 86400";
        return config.Input.Select(i => Tensor("input", i.Name, i.DataType, i.Dims, config.MaxBatchSize)).FirstOrDefault(f => f is not null)
            ?? config.Output.Select(o => Tensor("output", o.Name, o.DataType, o.Dims, config.MaxBatchSize)).FirstOrDefault(f => f is not null)
            ?? config.EnsembleScheduling.Step.Select((s, i) => WhyNot(s) is { } fault ? $"step {i + 1}: {fault}" : null).FirstOrDefault(f => f is not null);
    }

    /// <summary>The graph. What <see cref="WhyNot(ModelConfig, string)"/> refuses makes none.</summary>
    public static EnsembleDefinition DefinitionOf(ModelConfig config) => new(
        config.MaxBatchSize,
        [.. config.Input.Select(i => Spec(i.Name, i.DataType, i.Dims, config.MaxBatchSize))],
        [.. config.Output.Select(o => Spec(o.Name, o.DataType, o.Dims, config.MaxBatchSize))],
        [.. config.EnsembleScheduling.Step.Select(StepOf)]);

    /// <summary>The form that is stored and digested: the same for configurations that mean the same graph.</summary>
    public static string Canonical(ModelConfig config)
    {
        var canonical = new ModelConfig { MaxBatchSize = config.MaxBatchSize, Input = { config.Input }, Output = { config.Output }, EnsembleScheduling = config.EnsembleScheduling.Clone() };
        foreach (var step in canonical.EnsembleScheduling.Step)
        {
            step.ModelVersion = step.OperatorCase == Step.OperatorOneofCase.None ? Math.Max(0, step.ModelVersion) : 0;
            Sort(step.InputMap);
            Sort(step.OutputMap);
            foreach (var branch in BranchesOf(step))
            {
                branch.ModelVersion = Math.Max(0, branch.ModelVersion);
                Sort(branch.InputMap);
                Sort(branch.OutputMap);
            }
        }

        return ModelConfigJson.Format(canonical);
    }

    /// <summary>The plan of a version that is an ensemble.</summary>
    /// <param name="manifest">Of the version.</param>
    /// <param name="plan">Null where a later program made the version, and this one does not know all of it.</param>
    /// <param name="fault">What it does not know; else null.</param>
    public static bool TryPlan(VersionManifest manifest, [NotNullWhen(true)] out EnsemblePlan? plan, [NotNullWhen(false)] out string? fault)
    {
        fault = null;
        if (s_plans.TryGetValue(manifest, out plan))
            return true;
        try
        {
            if (!EnsemblePlan.TryMake(DefinitionOf(ModelConfigJson.Read(manifest.Ensemble!)), out plan, out fault))
                return false;
            s_plans.AddOrUpdate(manifest, plan);
            return true;
        }
        catch (ModelConfigException exception)
        {
            fault = exception.Message;
            return false;
        }
    }

    /// <summary>Puts the graph of a version into the configuration that is stated for its model.</summary>
    public static void Complete(ModelConfig config, string canonical)
    {
        var graph = ModelConfigJson.Read(canonical, isLenient: true);
        (config.Platform, config.Backend, config.MaxBatchSize, config.EnsembleScheduling) = (Platform, "", graph.MaxBatchSize, graph.EnsembleScheduling);
        config.Input.Clear();
        config.Input.Add(graph.Input);
        config.Output.Clear();
        config.Output.Add(graph.Output);
        config.VersionPolicy ??= new ModelVersionPolicy { Latest = new ModelVersionPolicy.Types.Latest { NumVersions = 1 } };
        foreach (var step in config.EnsembleScheduling.Step)
        {
            // As its users know it.
            if (step.OperatorCase == Step.OperatorOneofCase.None && step.ModelVersion == 0)
                step.ModelVersion = -1;
        }
    }

    private static string? Tensor(string kind, string name, DataType type, IReadOnlyList<long> dims, int maxBatchSize)
    {
        if (name.Length == 0)
            return $"an {kind} has no name; name it";
        if (TypeOf(type) is null)
            return $"data_type of {kind} '{name}' is missing; an ensemble has no file to take it from, so write one such as TYPE_FP32";
        if (dims.Count == 0 && maxBatchSize == 0)
            return $"dims of {kind} '{name}' are missing; write them, -1 for a free dimension";
        return dims.Any(d => d is < -1 or 0) ? $"dims of {kind} '{name}' are [{string.Join(',', dims)}]; write sizes above 0, or -1 for a free dimension" : null;
    }

    private static string? WhyNot(Step step)
    {
        if (step.OperatorCase == Step.OperatorOneofCase.None)
            return WhyNot(step.ModelName, step.ModelVersion);
        if (step.ModelName.Length > 0 || step.ModelVersion != 0 || step.InputMap.Count > 0 || step.OutputMap.Count > 0)
            return $"it has both model_name, model_version or a map and {step.OperatorCase.ToString().ToLowerInvariant()}; a step is one of them";
        if (step.Switch is not { } choice)
            return null;
        if (choice.Default?.Value.Count > 0)
            return "the default of the switch has a value; it runs for every value that has no case, so leave value out";
        return BranchesOf(step).Select(b => WhyNot(b.ModelName, b.ModelVersion)).FirstOrDefault(f => f is not null);
    }

    private static string? WhyNot(string model, long version)
    {
        if (model.Length > 0 && !Names.IsName(model))
            return $"'{(model.Length > 64 ? model[..64] + "…" : model)}' is not a name for a model; allowed is {Names.Pattern}";
        return version is < -1 or > int.MaxValue ? $"model_version is {version}; write the number of a version, or -1 for the model's default" : null;
    }

    private static EnsembleStep StepOf(Step step) => step.OperatorCase switch
    {
        Step.OperatorOneofCase.Average => Combine(CombinationKind.Average, step.Average),
        Step.OperatorOneofCase.Vote => Combine(CombinationKind.Vote, step.Vote),
        Step.OperatorOneofCase.Switch => new SwitchStep(step.Switch.Input, [.. step.Switch.Case.Select(c => new SwitchCase([.. c.Value], Call(c)))], step.Switch.Default is { } other ? Call(other) : null),
        _ => new ModelStep(Call(step.ModelName, step.ModelVersion, step.InputMap, step.OutputMap)),
    };

    private static IEnumerable<ModelEnsembling.Types.Branch> BranchesOf(Step step) => step.Switch is not { } choice ? [] : choice.Default is null ? choice.Case : choice.Case.Append(choice.Default);

    private static CombineStep Combine(CombinationKind kind, ModelEnsembling.Types.Combination combination) => new(kind, [.. combination.Input], combination.Output, [.. combination.Weight]);

    private static ModelCall Call(ModelEnsembling.Types.Branch branch) => Call(branch.ModelName, branch.ModelVersion, branch.InputMap, branch.OutputMap);

    private static ModelCall Call(string model, long version, IDictionary<string, string> inputs, IDictionary<string, string> outputs) =>
        new(model, version > 0 ? (int)version : null, inputs.ToImmutableSortedDictionary(StringComparer.Ordinal), outputs.ToImmutableSortedDictionary(StringComparer.Ordinal));

    private static TensorSpec Spec(string name, DataType type, IReadOnlyList<long> dims, int maxBatchSize) => new(name, TypeOf(type)!.Value, maxBatchSize > 0 ? [-1, .. dims] : [.. dims]);

    private static TensorType? TypeOf(DataType type) => Enum.GetValues<TensorType>().Cast<TensorType?>().FirstOrDefault(t => ServedConfig.TypeOf(new TensorInfo("", t!.Value.ToProtocolName(), [])) == type);

    private static void Sort(IDictionary<string, string> map)
    {
        var entries = map.OrderBy(m => m.Key, StringComparer.Ordinal).ToArray();
        map.Clear();
        foreach (var (key, value) in entries)
            map.Add(key, value);
    }
}

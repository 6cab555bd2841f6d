using System.Collections.Immutable;
using OrleansMl.Protocol;

namespace OrleansMl.Serving;

/// <summary>Compares a stated configuration with the version that it shall serve.</summary>
internal static class ConfigCheck
{
    /// <summary>Null when they fit; else what does not, with the field, both values and the remedy.</summary>
    /// <param name="config">Stated.</param>
    /// <param name="manifest">Of the version.</param>
    /// <param name="devices">Of the silo, which must have what the configuration means; null: that is not asked.</param>
    public static string? WhyNot(ModelConfig config, VersionManifest manifest, DeviceOptions? devices = null)
    {
        if (EnsembleConfig.IsMeant(config) != manifest.Ensemble is not null)
            return manifest.Ensemble is null ? "the configuration is that of an ensemble, the version a file; use another name for the ensemble" : "the version is an ensemble and the configuration has no ensemble_scheduling; state it, as it is what the model is";
        if (manifest.Ensemble is not null)
            return EnsembleConfig.WhyNot(config, manifest.Model);
        if (config.Name.Length > 0 && config.Name != manifest.Model)
            return $"name is '{config.Name}', the model is '{manifest.Model}'; write that, or leave name out";
        if (config.Platform is not ("" or ServedConfig.Platform))
            return $"platform is '{config.Platform}'; served is {ServedConfig.Platform}";
        if (config.Backend is not ("" or ServedConfig.Backend))
            return $"backend is '{config.Backend}'; served is {ServedConfig.Backend}";
        if (config.MaxBatchSize < 0)
            return $"max_batch_size is {config.MaxBatchSize}; write 0 (no batch dimension) or more";
        if (config.ModelTransactionPolicy?.Decoupled == true)
            return "model_transaction_policy.decoupled is true; a model here gives one answer for each request, write false";
        if (config.ResponseCache?.Enable == true && config.SequenceBatching is not null)
            return "response_cache is enabled beside sequence_batching; the answers of a sequence depend on what came before, so leave one of them out";
        if (config.ResponseCache?.Enable == true && ServedConfig.LifeOf(config) is null)
            return $"parameters[\"{ServedConfig.ResponseLifeParameter}\"] is '{config.Parameters[ServedConfig.ResponseLifeParameter].StringValue}'; write seconds above 0 and up to 86400";
        if (config.Output.FirstOrDefault(o => o.LabelFilename.Length > 0 && o.Label.Count == 0) is { } unlabelled)
            return $"label_filename of output '{unlabelled.Name}' is '{unlabelled.LabelFilename}', which only a models folder can have; write the labels in its field label";
        if (config.Parameters.TryGetValue(BatchingSettings.LatencyTargetParameter, out var target) && BatchingSettings.LatencyTarget(config) is null)
            return $"parameters[\"{BatchingSettings.LatencyTargetParameter}\"] is '{target.StringValue}'; write milliseconds above 0 and up to 3600000";
        var controls = config.SequenceBatching?.ControlInput ?? [];
        var named = config.Input.Select(i => i.Name).Concat(SequenceState.HiddenInputs(config)).ToArray();
        if (named.GroupBy(n => n, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1)?.Key is { } twice)
            return $"input '{twice}' is given twice; give it once";
        if (config.Input.Count > 0 && manifest.Inputs.FirstOrDefault(i => !named.Contains(i.Name, StringComparer.Ordinal)) is { } unnamed)
            return $"the graph's input '{unnamed.Name}' is missing under input; add it";
        return config.Input.Select(i => Tensor("input", i.Name, i.DataType, i.Dims, manifest.Inputs, config.MaxBatchSize)).FirstOrDefault(why => why is not null)
            ?? config.Output.Select(o => Tensor("output", o.Name, o.DataType, o.Dims, manifest.Outputs, config.MaxBatchSize)).FirstOrDefault(why => why is not null)
            ?? Unbatchable(config, manifest)
            ?? controls.Select(c => Control(c, manifest.Inputs)).FirstOrDefault(why => why is not null)
            ?? SequenceState.WhyNot(config, manifest)
            ?? BatchingSettings.Of(ServedConfig.OfStated(manifest, config)).Faults().FirstOrDefault()?.TrimEnd('.')
            ?? Device(ServedConfig.OfStated(manifest, config), devices);
    }

    private static string? Device(ServedConfig config, DeviceOptions? devices)
    {
        var plan = DevicePlan.Of(config, devices ?? new DeviceOptions());
        return plan.Faults.FirstOrDefault()
            ?? (devices is not null && plan.WhyUnavailable(devices) is { } why ? $"instance_group means a device that this server does not have, and it does not fall back (Serving:Devices:Fallback is Refuse): {why.TrimEnd('.')}" : null);
    }

    private static string? Tensor(string kind, string name, DataType type, IReadOnlyList<long> dims, ImmutableArray<TensorInfo> tensors, int maxBatchSize)
    {
        if (tensors.FirstOrDefault(t => t.Name == name) is not { } tensor)
            return $"{kind} '{name}' is not in the graph ({kind}s: {string.Join(", ", tensors.Select(t => $"'{t.Name}'"))})";
        if (type != ServedConfig.TypeOf(tensor))
            return $"data_type of {kind} '{name}' is {Name(type)}; the graph says {Name(ServedConfig.TypeOf(tensor))}";
        // Where the graph states no shape, any will do.
        if (tensor.Shape.IsDefaultOrEmpty)
            return null;
        long[] shape = maxBatchSize > 0 ? [-1, .. dims] : [.. dims];
        var fits = shape.Length == tensor.Shape.Length;
        for (var i = 0; fits && i < shape.Length; i++)
            fits = tensor.Shape[i] == -1 || tensor.Shape[i] == shape[i];
        return fits ? null
            : $"dims of {kind} '{name}' are [{string.Join(',', dims)}]{(maxBatchSize > 0 ? $", with the batch dimension [{string.Join(',', shape)}]" : "")}; the graph says [{string.Join(',', tensor.Shape)}]";
    }

    private static string? Unbatchable(ModelConfig config, VersionManifest manifest) =>
        config.MaxBatchSize > 0 && manifest.Inputs.Concat(manifest.Outputs).FirstOrDefault(t => t.Shape is not ([] or [-1, ..])) is { } fixedFirst
            ? $"max_batch_size is {config.MaxBatchSize}, but '{fixedFirst.Name}' has the shape [{string.Join(',', fixedFirst.Shape)}], whose first dimension is not free; write max_batch_size: 0"
            : null;

    private static string? Control(ModelSequenceBatching.Types.ControlInput input, ImmutableArray<TensorInfo> inputs)
    {
        if (inputs.FirstOrDefault(i => i.Name == input.Name) is not { } tensor)
            return $"control_input '{input.Name}' is not an input of the graph";
        if (input.Control is not [var control])
            return $"control_input '{input.Name}' has {input.Control.Count} controls; write one";
        if (control.Kind == ModelSequenceBatching.Types.Control.Types.Kind.ControlSequenceCorrid)
        {
            return control.DataType != ServedConfig.TypeOf(tensor)
                ? $"data_type of control_input '{input.Name}' is {Name(control.DataType)}; the graph says {Name(ServedConfig.TypeOf(tensor))}"
                : control.DataType is DataType.TypeUint64 or DataType.TypeInt64 or DataType.TypeUint32 or DataType.TypeInt32 or DataType.TypeString ? null
                : $"data_type of control_input '{input.Name}' is {Name(control.DataType)}; write TYPE_UINT64, TYPE_INT64, TYPE_UINT32, TYPE_INT32 or TYPE_STRING";
        }

        var (given, type) = control switch
        {
            { Int32FalseTrue.Count: 2, Fp32FalseTrue.Count: 0, BoolFalseTrue.Count: 0 } => (true, DataType.TypeInt32),
            { Int32FalseTrue.Count: 0, Fp32FalseTrue.Count: 2, BoolFalseTrue.Count: 0 } => (true, DataType.TypeFp32),
            { Int32FalseTrue.Count: 0, Fp32FalseTrue.Count: 0, BoolFalseTrue.Count: 2 } => (true, DataType.TypeBool),
            _ => (false, DataType.TypeInvalid),
        };
        return !given ? $"control_input '{input.Name}' needs exactly one of int32_false_true, fp32_false_true, bool_false_true, with two values"
            : type != ServedConfig.TypeOf(tensor) ? $"control_input '{input.Name}' gives {Name(type)}; the graph says {Name(ServedConfig.TypeOf(tensor))}"
            : null;
    }

    private static string Name(DataType type) => "TYPE_" + type.ToString()[4..].ToUpperInvariant();
}

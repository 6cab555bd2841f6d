using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using OrleansMl.Inference;

namespace OrleansMl.Serving;

/// <summary>Where the models of an ensemble stand in this silo.</summary>
internal sealed class EnsembleModels(PlanCache plans)
{
    /// <summary>Why a version does not answer here: what the view says, and for an ensemble what is to be said of its models. Null when it does.</summary>
    public string? WhyNotReady(PlanView view, int version)
    {
        if (view.WhyNotReady(version) is { } why)
            return why;
        return view.ManifestOf(version) is { Ensemble: not null } manifest ? WhyNot(manifest, [manifest.Model], isReady: true) : null;
    }

    /// <summary>Why an ensemble does not fit the versions of its models that are served now, or would be part of itself; null where it fits.</summary>
    public string? WhyUnfit(string model, EnsemblePlan plan) => WhyNot(plan, [model], isReady: false);

    /// <summary>
    /// What an ensemble's answers depend on beside itself: the versions that its steps would run now. Empty for a file; null
    /// where they are not settled, since a version is missing or traffic is shared among several.
    /// </summary>
    public string? StampOf(VersionManifest manifest) => manifest.Ensemble is null ? "" : StampOf(manifest, 1);

    /// <summary>What an ensemble must know of a version.</summary>
    public static StepModel StepModelOf(VersionManifest manifest, ServedConfig config)
    {
        var filled = SequenceState.HiddenInputs(config.Message).ToHashSet(StringComparer.Ordinal);
        var kept = SequenceState.HiddenOutputs(config.Message).ToHashSet(StringComparer.Ordinal);
        return new StepModel(
            [.. manifest.Inputs.Where(i => !filled.Contains(i.Name)).Select(SpecOf)],
            [.. manifest.Outputs.Where(o => !kept.Contains(o.Name)).Select(SpecOf)],
            config is { IsStated: true, IsBatched: true } ? config.Message.MaxBatchSize : null);
    }

    private string? WhyNot(VersionManifest manifest, ImmutableList<string> path, bool isReady) =>
        EnsembleConfig.TryPlan(manifest, out var plan, out var fault) ? WhyNot(plan, path, isReady) : fault;

    private string? WhyNot(EnsemblePlan plan, ImmutableList<string> path, bool isReady)
    {
        if (path.Count > LoadedEnsemble.MaxDepth)
            return $"ensembles lie {path.Count} deep in each other ({string.Join(" → ", path)}); the limit is {LoadedEnsemble.MaxDepth}";
        var models = new Dictionary<ModelCall, StepModel>(ReferenceEqualityComparer.Instance);
        for (var step = 0; step < plan.Definition.Steps.Length; step++)
        {
            foreach (var call in plan.Definition.Steps[step].Calls)
            {
                if (path.Contains(call.Model))
                    return $"{plan.Definition.TitleOf(step)}: ensembles call each other in a circle ({string.Join(" → ", path.Add(call.Model))}); a model cannot be a part of itself";
                if (!TryFind(call, out var view, out var manifest, out var why))
                    return $"{plan.Definition.TitleOf(step)}: {why}";
                if (isReady && view.WhyNotReady(manifest.Version) is { } notReady)
                    return $"{plan.Definition.TitleOf(step)}: model '{call.Model}' version {manifest.Version} is not ready: {notReady}";
                if (manifest.Ensemble is not null && WhyNot(manifest, path.Add(call.Model), isReady) is { } within)
                    return $"{plan.Definition.TitleOf(step)}: {within}";
                models[call] = StepModelOf(manifest, view.ConfigOf(manifest));
            }
        }

        return EnsembleTypes.WhyNot(plan, call => models[call]);
    }

    private bool TryFind(ModelCall call, [NotNullWhen(true)] out PlanView? view, [NotNullWhen(true)] out VersionManifest? manifest, [NotNullWhen(false)] out string? why)
    {
        (manifest, why) = (null, null);
        if (!plans.TryGet(call.Model, out view))
            why = $"model '{call.Model}' is not loaded; load it";
        else if ((call.Version ?? view.Plan.Default) is not { } version)
            why = $"model '{call.Model}' has no version in serving; load one";
        else if ((manifest = view.ManifestOf(version)) is null)
            why = $"model '{call.Model}' has no version {version} in serving (available: {string.Join(", ", view.Plan.Versions.Select(v => v.Version.ToString(CultureInfo.InvariantCulture)).DefaultIfEmpty("none"))}); load it";
        return why is null;
    }

    private string? StampOf(VersionManifest manifest, int depth)
    {
        if (depth > LoadedEnsemble.MaxDepth || !EnsembleConfig.TryPlan(manifest, out var plan, out _))
            return null;
        var stamps = new List<string>();
        foreach (var call in plan.Definition.Steps.SelectMany(s => s.Calls))
        {
            if (!TryFind(call, out var view, out var found, out _) || (call.Version is null && view.Plan.Traffic is { Split.IsEmpty: false }))
                return null;
            if ((found.Ensemble is null ? "" : StampOf(found, depth + 1)) is not { } within)
                return null;
            stamps.Add(string.Create(CultureInfo.InvariantCulture, $"{found.Model}:{found.Version}:{found.Digest}({within})"));
        }

        return string.Join(',', stamps);
    }

    // In a manifest a shape without dimensions is that of a scalar, or none that is stated.
    private static TensorSpec SpecOf(TensorInfo tensor) =>
        new(tensor.Name, TensorTypeExtensions.FromProtocolName(tensor.Datatype) ?? throw new InvalidOperationException($"'{tensor.Datatype}' is no type of the protocol."), tensor.Shape.IsDefault ? [] : tensor.Shape, HasShape: !tensor.Shape.IsDefaultOrEmpty);
}

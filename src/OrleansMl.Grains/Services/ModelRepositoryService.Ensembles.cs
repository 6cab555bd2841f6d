using System.Collections.Immutable;
using System.Text;
using OrleansMl.Inference;
using OrleansMl.Models;
using OrleansMl.Protocol;
using OrleansMl.Protocol.Configuration;
using OrleansMl.Serving;

namespace OrleansMl.Services;

/// <summary>Loading what is a graph of other models, and unloading it with them.</summary>
internal sealed partial class ModelRepositoryService
{
    /// <summary>
    /// Makes a version of an ensemble's configuration, or finds the one that it is already, and serves it. Models of its steps
    /// that serve nothing are loaded first; what cannot be loaded is refused, as the types of its tensors are not known.
    /// </summary>
    /// <param name="model">Name of the ensemble.</param>
    /// <param name="config">Its configuration.</param>
    /// <param name="number">For a new version; null: the next one.</param>
    /// <param name="path">Ensembles that are being loaded, this one not among them.</param>
    /// <param name="cancellationToken">Gives up.</param>
    private async Task<OmlResult<ImmutableArray<int>>> LoadEnsembleAsync(string model, ModelConfig config, int? number, ImmutableList<string> path, CancellationToken cancellationToken)
    {
        if (EnsembleConfig.WhyNot(config, model) is { } unusable)
            return InvalidConfig(unusable);
        if (!EnsemblePlan.TryMake(EnsembleConfig.DefinitionOf(config), out var plan, out var fault))
            return InvalidConfig(fault);
        var canonical = EnsembleConfig.Canonical(config);
        var bytes = Encoding.UTF8.GetBytes(canonical);
        if (bytes.Length > EnsembleConfig.MaxBytes)
            return InvalidConfig($"the graph takes {bytes.Length} bytes; the limit is {EnsembleConfig.MaxBytes}, so make several ensembles of it");
        if (await WhyTakenAsync(model, cancellationToken) is { } taken)
            return taken;
        if (await EnsureModelsAsync(plan, path.Add(model), cancellationToken) is { } missing)
            return missing;
        if (ensembles.WhyUnfit(model, plan) is { } unfit)
            return InvalidConfig(unfit);

        var manifest = new VersionManifest
        {
            Model = model,
            Version = number ?? 0,
            ArtifactSha256 = await artifacts.PutAsync(bytes, cancellationToken),
            ArtifactBytes = bytes.Length,
            Inputs = plan.Definition.Inputs.ToInfos(),
            Outputs = plan.Definition.Outputs.ToInfos(),
            Ensemble = canonical,
        };
        var grain = grains.GetGrain<IModelGrain>(model);
        var registered = await grain.RegisterAsync(new RegisterRequest(manifest));
        if (!registered.TryGet(out var result, out var error))
            return error;
        await catalog.CatchUpAsync((await grains.GetGrain<ICatalogGrain>(ICatalogGrain.Key).GetAsync()).Revision).WaitAsync(cancellationToken);
        await plans.CatchUpAsync(model, await grain.ConfigureAsync(ModelConfigJson.Format(config)), cancellationToken);
        var info = await control.GetModelAsync(model, cancellationToken);
        if (!info.TryGet(out var found, out var unknown))
            return unknown;

        // A configuration states one graph: it is served, and what was loaded before goes.
        var policy = config.VersionPolicy ?? new ModelVersionPolicy { Latest = new ModelVersionPolicy.Types.Latest { NumVersions = 1 } };
        return await ServeAsync(found, policy, [result.Version.Manifest.Version], cancellationToken);
    }

    /// <summary>The configuration that an ensemble was loaded with last: it says which graph a load means that brings none. Null: the model is no ensemble.</summary>
    /// <exception cref="ModelConfigException">A later program stated it, and this one does not know all of it.</exception>
    private async Task<ModelConfig?> StatedEnsembleAsync(string model, CancellationToken cancellationToken)
    {
        await catalog.Loaded.WaitAsync(cancellationToken);
        if (!catalog.Current.Snapshot.RegisteredModels.Contains(model) || (await grains.GetGrain<IModelGrain>(model).GetPlanAsync()).Configuration is not { } stated)
            return null;
        return EnsembleConfig.IsMeant(ModelConfigJson.Read(stated, isLenient: true)) ? ModelConfigJson.Read(stated) : null;
    }

    /// <summary>Why a name cannot be that of an ensemble; null when it can.</summary>
    private async Task<OmlError?> WhyTakenAsync(string model, CancellationToken cancellationToken)
    {
        await catalog.Loaded.WaitAsync(cancellationToken);
        if (catalog.Current.Models.ContainsKey(model))
            return OmlError.Conflict($"an application declares the model '{model}', which scores vectors; an ensemble takes tensors. Use another name.", code: "kind_differs");
        var before = await control.GetModelAsync(model, cancellationToken);
        return before.IsSuccess && before.Value.Versions.FirstOrDefault(v => v.Manifest.Ensemble is null) is { } file
            ? OmlError.Conflict($"version {file.Manifest.Version} of it is a file; a model has versions of one kind. Use another name for the ensemble.", code: "kind_differs")
            : null;
    }

    /// <summary>Loads the models that serve nothing; null, or what cannot be had. Nothing is loaded where one is not known at all.</summary>
    private async Task<OmlError?> EnsureModelsAsync(EnsemblePlan plan, ImmutableList<string> path, CancellationToken cancellationToken)
    {
        var missing = new List<(ModelCall Call, string Title, bool IsKnown)>();
        foreach (var (call, title) in plan.Definition.Steps.SelectMany((s, i) => s.Calls.Select(c => (c, plan.Definition.TitleOf(i)))))
        {
            if (path.Contains(call.Model))
                return InvalidConfig($"{title}: ensembles call each other in a circle ({string.Join(" → ", path.SkipWhile(p => p != call.Model).Append(call.Model))}); a model cannot be a part of itself");
            var info = await control.GetModelAsync(call.Model, cancellationToken);
            if (!info.TryGet(out var found, out _))
            {
                if (!IsInFolder(call.Model))
                    return InvalidConfig($"{title}: there is no model '{call.Model}'; load it before the ensemble");
                missing.Add((call, title, false));
            }
            else if (call.Version is { } version && found.Versions.All(v => v.Manifest.Version != version))
            {
                return InvalidConfig($"{title}: model '{call.Model}' has no version {version} (available: {(found.Versions.IsEmpty ? "none" : string.Join(", ", found.Versions.Select(v => v.Manifest.Version)))})");
            }
            else if (!found.Versions.Any(v => v.State == VersionState.Available && v.Manifest.Version == (call.Version ?? v.Manifest.Version)))
            {
                missing.Add((call, title, true));
            }
            else
            {
                await plans.CatchUpAsync(call.Model, found.PlanRevision, cancellationToken);
            }
        }

        foreach (var (call, title, isKnown) in missing)
        {
            var error = call.Version is { } version && isKnown
                ? (await control.LoadAsync(call.Model, version, cancellationToken)).Error
                : (await LoadCoreAsync(call.Model, RepositoryLoad.Plain, path, cancellationToken)).Error;
            if (error is not null)
                return error with { Detail = $"{title} cannot be loaded: {error.Detail}" };
        }

        return null;
    }

    /// <summary>The models that an ensemble is composed of and no other ensemble in serving needs, those of its ensembles among them.</summary>
    private static ImmutableArray<ModelInfo> DependentsOf(string model, IReadOnlyCollection<ModelInfo> all)
    {
        var byName = all.ToDictionary(m => m.Name, StringComparer.Ordinal);
        var own = Reach([model]);
        var kept = Reach(all.Select(m => m.Name).Where(n => n != model && !own.Contains(n)));
        return [.. own.Where(n => n != model && !kept.Contains(n)).Order(StringComparer.Ordinal).Select(n => byName[n])];

        // What these models run, themselves not among them unless another one runs them.
        HashSet<string> Reach(IEnumerable<string> from)
        {
            var reached = new HashSet<string>(StringComparer.Ordinal);
            var next = new Stack<string>(from);
            while (next.TryPop(out var name))
            {
                foreach (var called in Loaded(byName[name]).SelectMany(CallsOf).Where(c => byName.ContainsKey(c) && reached.Add(c)))
                    next.Push(called);
            }

            return reached;
        }
    }

    private static IEnumerable<string> CallsOf(ModelVersionInfo version) =>
        version.Manifest.Ensemble is not null && EnsembleConfig.TryPlan(version.Manifest, out var plan, out _) ? plan.Definition.Steps.SelectMany(s => s.Calls).Select(c => c.Model) : [];

    private static IEnumerable<ModelVersionInfo> Loaded(ModelInfo model) => model.Versions.Where(v => v.State == VersionState.Available);

    private bool IsInFolder(string model) => options.Value.Folder is { } folder && Directory.Exists(folder) && ModelFolder.Names(folder).Contains(model);

    private static OmlError InvalidConfig(string fault) => OmlError.Invalid($"the configuration of the ensemble cannot be used: {fault}.", "invalid_config");
}

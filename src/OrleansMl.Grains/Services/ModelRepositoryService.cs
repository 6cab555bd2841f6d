using System.Collections.Immutable;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansMl.Catalog;
using OrleansMl.Inference;
using OrleansMl.Models;
using OrleansMl.Protocol;
using OrleansMl.Protocol.Configuration;
using OrleansMl.Serving;
using OrleansMl.Storage;

namespace OrleansMl.Services;

/// <inheritdoc cref="IModelRepositoryService"/>
internal sealed partial class ModelRepositoryService(
    IControlService control,
    PlanCache plans,
    IGrainFactory grains,
    CatalogCache catalog,
    IArtifactStore artifacts,
    EnsembleModels ensembles,
    IOptions<ModelRepositoryOptions> options,
    ServingOptions serving,
    ILogger<ModelRepositoryService> logger) : IModelRepositoryService
{
    public async Task<ImmutableArray<RepositoryEntry>> IndexAsync(CancellationToken cancellationToken)
    {
        var entries = ImmutableArray.CreateBuilder<RepositoryEntry>();
        foreach (var model in await control.ListModelsAsync(cancellationToken))
        {
            plans.TryGet(model.Name, out var view);
            foreach (var version in model.Versions)
            {
                var why = version.State != VersionState.Available ? "unloaded" : view is null ? "it is being loaded" : ensembles.WhyNotReady(view, version.Manifest.Version);
                entries.Add(new RepositoryEntry(model.Name, version.Manifest.Version, why is null, why ?? ""));
            }

            if (model.Versions.IsEmpty)
                entries.Add(new RepositoryEntry(model.Name, null, false, "it has no version yet"));
        }

        if (options.Value.Folder is { } folder && Directory.Exists(folder))
        {
            var known = entries.Select(e => e.Model).ToHashSet(StringComparer.Ordinal);
            entries.AddRange(ModelFolder.Names(folder).Where(n => !known.Contains(n)).Select(n => new RepositoryEntry(n, null, false, "it is in the models folder and was not loaded yet")));
        }

        return [.. entries.OrderBy(e => e.Model, StringComparer.Ordinal).ThenBy(e => e.Version)];
    }

    public async Task<OmlResult<ImmutableArray<int>>> LoadAsync(string model, RepositoryLoad load, CancellationToken cancellationToken)
    {
        var result = await LoadCoreAsync(model, load, [], cancellationToken);
        return result.Error is { } error ? error with { Detail = $"failed to load '{model}': {error.Detail}" } : result;
    }

    public async Task<OmlResult<ImmutableArray<int>>> UnloadAsync(string model, bool unloadDependents, CancellationToken cancellationToken)
    {
        var info = await control.GetModelAsync(model, cancellationToken);
        if (!info.TryGet(out var found, out var error))
            return error with { Detail = $"failed to unload '{model}': {error.Detail}" };
        ImmutableArray<ModelInfo> leaving = [found];
        if (unloadDependents && Loaded(found).Any(v => v.Manifest.Ensemble is not null))
            leaving = [found, .. DependentsOf(model, await control.ListModelsAsync(cancellationToken))];
        foreach (var each in leaving)
        {
            if (each.Aliases.FirstOrDefault(a => Loaded(each).Any(v => v.Manifest.Version == a.Value)) is { Key: { } alias, Value: var named })
                return OmlError.Conflict($"failed to unload '{each.Name}': alias '{alias}' names version {named}; move or delete the alias first.", code: "in_use");
        }

        foreach (var version in leaving.SelectMany(Loaded))
        {
            var unloaded = await control.UnloadAsync(version.Manifest.Model, version.Manifest.Version, cancellationToken);
            if (unloaded.Error is { } failure)
                return failure with { Detail = $"failed to unload '{version.Manifest.Model}': {failure.Detail}" };
        }

        return Loaded(found).Select(v => v.Manifest.Version).ToImmutableArray();
    }

    public async Task<OmlError?> LoadFolderAsync(CancellationToken cancellationToken)
    {
        // Ensembles behind the models that they run, whatever their names.
        var names = ModelFolder.Names(options.Value.Folder!);
        var graphs = new HashSet<string>(StringComparer.Ordinal);
        foreach (var model in names)
        {
            if (await ModelFolder.IsEnsembleAsync(options.Value.Folder!, model, cancellationToken))
                graphs.Add(model);
        }

        foreach (var model in names.OrderBy(graphs.Contains))
        {
            if ((await LoadAsync(model, RepositoryLoad.Plain, cancellationToken)).Error is { } error)
                return error;
        }

        return null;
    }

    private async Task<OmlResult<ImmutableArray<int>>> LoadCoreAsync(string model, RepositoryLoad load, ImmutableList<string> path, CancellationToken cancellationToken)
    {
        if (!Names.IsName(model))
            return OmlError.NotFound("unknown_model", $"'{model}' is not a name for a model; allowed is {Names.Pattern}.");
        ModelConfig? config = null;
        var files = new SortedDictionary<int, ReadOnlyMemory<byte>>();
        var isDescribed = load.Config is not null;
        int? number = null;
        try
        {
            if (await FolderAsync(model, cancellationToken) is { } folder && load.Files.Count == 0)
            {
                config = folder.Config;
                isDescribed = true;
                number = folder.LastVersion;
                foreach (var (version, file) in folder.Files)
                    files.Add(version, await File.ReadAllBytesAsync(file, cancellationToken));
            }

            if (load.Config is not null)
                config = ModelConfigJson.Read(load.Config, options.Value.IsConfigLenient);
            else if (config is null && files.Count == 0 && load.Files.Count == 0)
                config = await StatedEnsembleAsync(model, cancellationToken);
        }
        catch (ModelConfigException exception)
        {
            return OmlError.Invalid(exception.Message, "invalid_config");
        }

        if (EnsembleConfig.IsMeant(config) && load.Files.Count > 0)
            return OmlError.Invalid($"The file '{Short(load.Files.Keys.First())}' is brought for an ensemble, which has none; load the models of its steps under their own names.", "invalid_file");
        if (EnsembleConfig.IsMeant(config))
            return await LoadEnsembleAsync(model, config!, load.Config is null ? number : null, path, cancellationToken);
        foreach (var (file, bytes) in load.Files)
        {
            if (!TryVersionOf(file, out var version))
                return OmlError.Invalid($"The file '{Short(file)}' cannot be brought with a load; what can is VERSION/model.onnx.", "invalid_file");
            files[version] = bytes;
        }

        return await LoadAsync(model, config, isDescribed, files, cancellationToken);
    }

    private async Task<OmlResult<ImmutableArray<int>>> LoadAsync(string model, ModelConfig? config, bool isDescribed, SortedDictionary<int, ReadOnlyMemory<byte>> files, CancellationToken cancellationToken)
    {
        // Everything is checked before anything changes.
        if (config?.VersionPolicy?.Specific?.Versions.FirstOrDefault(v => v is < 1 or > int.MaxValue, 1) is { } odd and not 1)
            return OmlError.Invalid($"version_policy.specific has the version {odd}; write numbers from 1 on.", "invalid_config");
        foreach (var (version, bytes) in files)
        {
            var inspected = OnnxModelFile.Inspect(bytes);
            if (!inspected.IsAccepted)
                return OmlError.Invalid($"version {version}: {inspected.Detail}", inspected.Code);
            var manifest = new VersionManifest { Model = model, ArtifactSha256 = "", Inputs = inspected.File.Signature.Inputs.ToInfos(), Outputs = inspected.File.Signature.Outputs.ToInfos() };
            if (config is not null && ConfigCheck.WhyNot(config, manifest, serving.Devices) is { } unfit)
                return OmlError.Invalid($"the configuration does not fit version {version}: {unfit}.", "invalid_config");
        }

        var before = await control.GetModelAsync(model, cancellationToken);
        if (files.Count == 0 && !before.TryGet(out _, out var unknown))
            return unknown;
        var known = before.IsSuccess ? before.Value.Versions : [];
        foreach (var version in config is null ? [] : known.Where(v => !files.ContainsKey(v.Manifest.Version)))
        {
            if (ConfigCheck.WhyNot(config!, version.Manifest, serving.Devices) is { } unfit)
                return OmlError.Invalid($"the configuration does not fit version {version.Manifest.Version}: {unfit}.", "invalid_config");
        }

        var brought = new SortedSet<int>();
        var configuration = config is null ? null : ModelConfigJson.Format(config);
        foreach (var (version, bytes) in files)
        {
            var registered = await control.RegisterAsync(new RegisterVersion(model, bytes) { Version = version == 0 ? null : version, Configuration = configuration }, cancellationToken);
            if (!registered.TryGet(out var result, out var error))
                return error;
            brought.Add(result.Version.Manifest.Version);
        }

        var info = await control.GetModelAsync(model, cancellationToken);
        if (!info.TryGet(out var found, out var missing))
            return missing;
        if (isDescribed)
        {
            var revision = await grains.GetGrain<IModelGrain>(model).ConfigureAsync(configuration);
            await plans.CatchUpAsync(model, revision, cancellationToken);
        }

        // A folder's versions are the repository's; others that were registered beside them stay as they are.
        IEnumerable<int> choice = brought.Count > 0 ? brought : found.Versions.Select(v => v.Manifest.Version);
        return await ServeAsync(found, config?.VersionPolicy, [.. choice.Order()], cancellationToken);
    }

    private async Task<OmlResult<ImmutableArray<int>>> ServeAsync(ModelInfo model, ModelVersionPolicy? policy, ImmutableArray<int> versions, CancellationToken cancellationToken)
    {
        ImmutableArray<int> wanted = policy?.PolicyChoiceCase switch
        {
            ModelVersionPolicy.PolicyChoiceOneofCase.All => versions,
            ModelVersionPolicy.PolicyChoiceOneofCase.Specific => [.. policy.Specific.Versions.Select(v => (int)Math.Clamp(v, 0, int.MaxValue)).Distinct().Order()],
            _ => [.. versions.TakeLast((int)Math.Max(1, Math.Min(int.MaxValue, policy?.Latest?.NumVersions ?? 1)))],
        };
        if (wanted.IsEmpty)
            return OmlError.Invalid($"model '{model.Name}' has no version to load; register one.", "no_version");
        foreach (var version in wanted)
        {
            var loaded = await control.LoadAsync(model.Name, version, cancellationToken);
            if (loaded.Error is { } error)
                return error;
        }

        // Only a stated policy takes others out, and never what an alias names.
        var leaving = policy is null ? [] : model.Versions.Where(v => v.State == VersionState.Available && !wanted.Contains(v.Manifest.Version) && !model.Aliases.ContainsValue(v.Manifest.Version));
        foreach (var version in leaving)
        {
            var unloaded = await control.UnloadAsync(model.Name, version.Manifest.Version, cancellationToken);
            if (unloaded.Error is { } error)
                return error;
        }

        return wanted;
    }

    private async Task<ModelFolder?> FolderAsync(string model, CancellationToken cancellationToken)
    {
        if (options.Value.Folder is not { } folder)
            return null;
        var ignored = options.Value.IsConfigLenient ? new List<string>() : null;
        var read = await ModelFolder.ReadAsync(folder, model, ignored, cancellationToken);
        if (ignored is { Count: > 0 })
            LogIgnored(logger, model, string.Join(", ", ignored));
        return read;
    }

    private static string Short(string text) => text.Length > 64 ? text[..64] + "…" : text;

    private static bool TryVersionOf(string path, out int version)
    {
        var slash = path.IndexOf('/', StringComparison.Ordinal);
        version = 0;
        return slash > 0 && path[(slash + 1)..] == "model.onnx"
            && int.TryParse(path.AsSpan(0, slash), NumberStyles.None, CultureInfo.InvariantCulture, out version) && version > 0;
    }

    [LoggerMessage(LogLevel.Warning, "Passed over fields of the configuration of {Model} that are not supported: {Fields}.")]
    private static partial void LogIgnored(ILogger logger, string model, string fields);
}

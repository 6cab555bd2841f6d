using OrleansMl.Catalog;
using OrleansMl.Inference;
using OrleansMl.Learning;
using OrleansMl.Models;
using OrleansMl.Predictions;
using OrleansMl.Serving;
using OrleansMl.Storage;

namespace OrleansMl.Services;

/// <summary>Makes a version of a file: checks file and manifest, stores the file, registers the version, and loads a model's first.</summary>
internal sealed class VersionRegistration(CatalogCache catalog, IGrainFactory grains, IArtifactStore artifacts, VersionLoading loading)
{
    public async Task<OmlResult<RegisterResult>> RegisterAsync(RegisterVersion registration, CancellationToken cancellationToken)
    {
        if (!Names.IsName(registration.Model))
            return OmlError.Invalid($"'{registration.Model}' is not a name for a model; allowed is {Names.Pattern}.");
        await catalog.Loaded.WaitAsync(cancellationToken);
        var inspected = OnnxModelFile.Inspect(registration.Artifact);
        if (!inspected.IsAccepted)
            return OmlError.Invalid(inspected.Detail, inspected.Code);
        if (WhyNotManifest(registration, inspected.File) is { } invalid)
            return invalid;

        var sha256 = await artifacts.PutAsync(registration.Artifact, cancellationToken);
        var manifest = new VersionManifest
        {
            Model = registration.Model,
            Version = registration.Version ?? 0,
            ArtifactSha256 = sha256,
            Inputs = inspected.File.Signature.Inputs.ToInfos(),
            Outputs = inspected.File.Signature.Outputs.ToInfos(),
            Pipeline = registration.Pipeline,
            Postprocess = registration.Postprocess,
            Parent = registration.Parent,
            Tags = registration.Tags,
            Lineage = registration.Lineage,
            ArtifactBytes = registration.Artifact.Length,
        };
        var grain = grains.GetGrain<IModelGrain>(registration.Model);
        var registered = await grain.RegisterAsync(new RegisterRequest(manifest));
        if (!registered.TryGet(out var result, out var error))
            return error;

        await catalog.CatchUpAsync((await grains.GetGrain<ICatalogGrain>(ICatalogGrain.Key).GetAsync()).Revision).WaitAsync(cancellationToken);

        // A model's first version serves at once: what else could a call to the model mean?
        if (result.Created && registration.MayServe && (await grain.GetPlanAsync()).Versions.IsEmpty)
        {
            if (registration.Configuration is { } configuration)
                await grain.ConfigureAsync(configuration);
            var loaded = await loading.LoadAsync(registration.Model, result.Version.Manifest.Version, cancellationToken);
            if (!loaded.TryGet(out var info, out var failure))
                return result with { Version = result.Version with { State = VersionState.Failed, Reason = failure.Detail } };
            result = result with { Version = info };
        }

        return result;
    }

    /// <summary>The given parts of a manifest must be readable, and the given signature the file's.</summary>
    private static OmlError? WhyNotManifest(RegisterVersion registration, OnnxModelFile file)
    {
        if (registration.Pipeline is { } pipeline)
        {
            try
            {
                _ = FittedPipeline.FromJson(pipeline);
            }
            catch (Exception exception) when (exception is FormatException or PipelineException)
            {
                return OmlError.Invalid($"The manifest's pipeline is not a fitted pipeline: {exception.Message}", "invalid_pipeline");
            }
        }

        if (registration.Postprocess is { } postprocess)
        {
            try
            {
                _ = Postprocessor.FromJson(postprocess);
            }
            catch (FormatException exception)
            {
                return OmlError.Invalid($"The manifest's post-processing cannot be read: {exception.Message}", "invalid_postprocess");
            }
        }

        foreach (var (given, actual, what) in new[] { (registration.Inputs, file.Signature.Inputs, "input"), (registration.Outputs, file.Signature.Outputs, "output") })
        {
            foreach (var tensor in given)
            {
                if (!actual.Any(a => a.Name == tensor.Name && a.Type.ToProtocolName() == tensor.Datatype))
                {
                    return OmlError.Invalid(
                        $"The manifest's signature names the {what} '{tensor.Name}' of {tensor.Datatype}, which the file does not have ({string.Join(", ", actual.Select(a => $"{a.Name} {a.Type.ToProtocolName()}"))}).",
                        "signature_mismatch");
                }
            }
        }

        return null;
    }
}

using System.Collections.Immutable;
using OrleansMl.Catalog;
using OrleansMl.Declaration;
using OrleansMl.Inference;
using OrleansMl.Predictions;
using OrleansMl.Storage;
using OrleansMl.Trainers;

namespace OrleansMl.Models;

/// <summary>Makes a version of what was learned: stores its files, reads their signature, fits the calibration that the model declares.</summary>
internal static class LearnedVersion
{
    /// <summary>Tag with what the calibration was fitted on, or why there is none.</summary>
    private const string CalibrationTag = "calibration";

    /// <summary>The steps after the model, with the calibration fitted.</summary>
    /// <param name="model">Declares them.</param>
    /// <param name="pairs">Predictions of rows that were not learned yet, with what came.</param>
    public static CalibratedSteps Calibrate(CompiledModel model, CalibrationPairs pairs)
    {
        var (steps, fitted, whyNot) = CalibrationStage.Fit(model.Definition.Postprocess, pairs);
        return new CalibratedSteps(steps, fitted, whyNot);
    }

    /// <summary>The manifest, whose files are durable when it returns; whose version, parent and further tags are the caller's.</summary>
    /// <param name="model">As declared.</param>
    /// <param name="full">ONNX that takes raw columns.</param>
    /// <param name="core">ONNX that takes the pipeline's output.</param>
    /// <param name="pipeline">Canonical JSON.</param>
    /// <param name="steps">As <see cref="Calibrate"/> gives them.</param>
    /// <param name="artifacts">Where files go.</param>
    public static async Task<OmlResult<VersionManifest>> MakeAsync(CompiledModel model, byte[] full, byte[] core, string pipeline, CalibratedSteps steps, IArtifactStore artifacts)
    {
        var inspected = OnnxModelFile.Inspect(full);
        if (!inspected.IsAccepted)
            return new OmlError("export_failed", 422, $"The export of '{model.Name}' is not a valid model: {inspected.Detail}");
        var tags = ImmutableSortedDictionary<string, string>.Empty;
        return new VersionManifest
        {
            Model = model.Name,
            ArtifactSha256 = await artifacts.PutAsync(full),
            CoreSha256 = await artifacts.PutAsync(core),
            Inputs = inspected.File.Signature.Inputs.ToInfos(),
            Outputs = inspected.File.Signature.Outputs.ToInfos(),
            Pipeline = pipeline,
            Postprocess = steps.Steps.IsEmpty ? null : new Postprocessor(steps.Steps).ToJson(),
            ArtifactBytes = full.Length,
            Classes = model.Target?.ClassNames() ?? [],
            Tags = steps.Summary is { } summary ? tags.Add(CalibrationTag, summary) : tags,
        };
    }
}

/// <summary>The steps after a model, as a version of it has them.</summary>
/// <param name="Steps">With the fitted map in its place.</param>
/// <param name="Fitted">What was fitted; null: nothing.</param>
/// <param name="WhyNot">Why nothing was fitted though it is declared; null: it was, or nothing is declared.</param>
internal sealed record CalibratedSteps(ImmutableArray<PostprocessDefinition> Steps, string? Fitted, string? WhyNot)
{
    /// <summary>For the version's tags; null: nothing is declared.</summary>
    public string? Summary => Fitted ?? (WhyNot is null ? null : "none: " + WhyNot);
}

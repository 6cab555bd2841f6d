using System.Globalization;
using OrleansMl.Gateway.Errors;
using OrleansMl.Gateway.Metrics;
using OrleansMl.Inference;
using OrleansMl.Services;
using OrleansMl.Wire;

namespace OrleansMl.Gateway.OpenInference;

/// <summary>
/// What stands behind the protocol, whichever way a request comes: REST and gRPC turn their messages into these calls, and what
/// is wrong with one is said in the same words. Every method ends with an <see cref="ApiException"/> on an error.
/// </summary>
internal sealed class InferenceDataPlane(IInferenceService inference, GatewayInstruments instruments, TraceLog traces)
{
    /// <summary>The extensions served, in the words of their documents.</summary>
    public static IReadOnlyList<string> Extensions { get; } =
    [
        "classification", "sequence", "sequence(string_id)", "model_repository", "model_repository(unload_dependents)", "schedule_policy",
        "model_configuration", "binary_tensor_data", "parameters", "statistics", "trace", "logging",
    ];

    /// <summary>A model version as the plan says.</summary>
    public async Task<ServedModel> DescribeAsync(string model, string? version, CancellationToken cancellationToken)
    {
        DemandName(model);
        var result = await inference.DescribeAsync(model, version, cancellationToken).ConfigureAwait(false);
        return result.TryGet(out var served, out var error) ? served : throw new ApiException(InProtocolWords(error));
    }

    /// <summary>Whether a model version answers; 404 when there is no such model.</summary>
    /// <returns>Null when it does, else why not.</returns>
    public async Task<string?> WhyNotReadyAsync(string model, string? version, CancellationToken cancellationToken)
    {
        try
        {
            var served = await DescribeAsync(model, version, cancellationToken).ConfigureAwait(false);
            return served.Ready ? null : served.Reason ?? "The model is not loaded.";
        }
        catch (ApiException exception) when (exception.Error.Status == 503)
        {
            return exception.Error.Detail;
        }
    }

    /// <summary>The version of a path and that of a header, digits or an alias; where both are given they must mean the same.</summary>
    public async Task<string?> ResolveAsync(string model, string? stated, string? header, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(header))
            return stated;
        header = header.Trim();
        if (stated is null || stated == header)
            return header;
        var meant = await DescribeAsync(model, header, cancellationToken).ConfigureAwait(false);
        return meant.Manifest.Version.ToString(CultureInfo.InvariantCulture) == stated
            ? stated
            : throw new ApiException(400, "invalid", $"The request asks for version {stated} and the header {OpenInferenceOperations.VersionHeader} for '{header}' (version {meant.Manifest.Version}); send one of them.");
    }

    /// <summary>Runs a model.</summary>
    public async Task<InferAnswer> InferAsync(InferCall call, CancellationToken cancellationToken)
    {
        DemandName(call.Model);
        var trace = traces.Begin(call.Model);
        string[] names = call.Outputs.Count == 0 ? [] : [.. call.Outputs.Select(o => o.Name)];
        var result = await inference.InferAsync(new InferRequest(call.Model, call.Version, call.Inputs, names) { Parameters = call.Parameters }, cancellationToken).ConfigureAwait(false);
        if (!result.TryGet(out var answer, out var error))
        {
            instruments.Inferred(error.Status == 404 ? "unknown" : call.Model, error.Code);
            throw new ApiException(InProtocolWords(error));
        }

        var outputs = Classify(call.Outputs, answer);
        instruments.Inferred(answer.Model, "ok");
        trace?.End(call.Id, answer.Model, answer.Version);
        return new InferAnswer(answer.Model, answer.Version, string.IsNullOrEmpty(call.Id) ? null : call.Id, outputs);
    }

    /// <summary>Version text of a path or message: digits; null or empty for none.</summary>
    public static string? ReadVersion(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return null;
        return BodyValues.TryVersion(text, out var version)
            ? version.ToString(CultureInfo.InvariantCulture)
            : throw new ApiException(400, "invalid", $"The version '{text}' is not a number; a version is digits such as 1, aliases go into the header {OpenInferenceOperations.VersionHeader}.");
    }

    /// <summary>What is no name is no model: it must not become a grain's key.</summary>
    public static void DemandName(string model)
    {
        if (!OrleansMl.Names.IsName(model))
            throw new ApiException(404, "unknown_model", $"Request for unknown model: there is no model '{(model.Length > 80 ? model[..80] + "…" : model)}'; a name matches {OrleansMl.Names.Pattern}.");
    }

    /// <summary>Clients of the ecosystem look for these words.</summary>
    public static OmlError InProtocolWords(OmlError error)
        => error.Status == 404 && !error.Detail.StartsWith("Request for unknown model", StringComparison.Ordinal) ? error with { Detail = "Request for unknown model: " + error.Detail } : error;

    private static IReadOnlyList<Tensor> Classify(IReadOnlyList<RequestedOutput> wanted, InferResult answer)
    {
        if (!wanted.Any(w => w.Classes > 0))
            return answer.Outputs;
        return [.. answer.Outputs.Select(output => wanted.FirstOrDefault(w => w.Name == output.Name) is { Classes: > 0 and var classes }
            ? Classification.Of(output, classes, answer.Config?.IsBatched ?? output.Shape.Length > 1, answer.Config?.Message.Output.FirstOrDefault(o => o.Name == output.Name)?.Label)
            : output)];
    }
}

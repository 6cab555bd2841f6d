using Microsoft.AspNetCore.Http;
using OrleansMl.Gateway.Api;
using OrleansMl.Gateway.Json;
using OrleansMl.Gateway.Routing;
using OrleansMl.Protocol.Configuration;

namespace OrleansMl.Gateway.OpenInference;

/// <summary>The extensions model_configuration and statistics over REST.</summary>
internal sealed class ModelExtensionOperations(InferenceDataPlane plane, StatisticsReader statistics) : IOperationGroup
{
    public IEnumerable<Operation> Operations =>
    [
        new("GET", "/v2/models/stats", GatewayRoles.Predict, StatisticsAsync, "Counts of all models.") { Answers = [new(200, "Since the process started.", "ModelStatistics")] },
        .. Model("/v2/models/{model}"),
        .. Model("/v2/models/{model}/versions/{version}"),
    ];

    private IEnumerable<Operation> Model(string path) =>
    [
        new("GET", path + "/config", GatewayRoles.Predict, ConfigAsync, "The configuration that the model is served with.") { Answers = [new(200, "A ModelConfig.", "ModelConfig")], Errors = [404, 503] },
        new("GET", path + "/stats", GatewayRoles.Predict, StatisticsAsync, "Counts of a model.") { Answers = [new(200, "Since the process started.", "ModelStatistics")], Errors = [404, 503] },
    ];

    private async Task ConfigAsync(HttpContext context)
    {
        var served = await plane.DescribeAsync(RouteValues.Model(context), VersionOf(context), context.RequestAborted).ConfigureAwait(false);
        await JsonAnswer.WriteAsync(context, 200, served.Config.Message, static (writer, config) => ModelConfigJson.Write(writer, config)).ConfigureAwait(false);
    }

    private async Task StatisticsAsync(HttpContext context)
    {
        var model = context.Request.RouteValues.ContainsKey("model") ? RouteValues.Model(context) : null;
        var read = await statistics.ReadAsync(model, VersionOf(context), context.RequestAborted).ConfigureAwait(false);
        await JsonAnswer.WriteAsync(context, 200, read, static (writer, counts) => ModelConfigJson.Write(writer, counts)).ConfigureAwait(false);
    }

    private static string? VersionOf(HttpContext context) => InferenceDataPlane.ReadVersion(context.Request.RouteValues["version"] as string);
}

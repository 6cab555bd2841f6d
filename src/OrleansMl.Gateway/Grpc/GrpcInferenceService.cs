using System.Globalization;
using System.Threading.Channels;
using Grpc.Core;
using Microsoft.Extensions.Options;
using OrleansMl.Gateway.OpenInference;
using OrleansMl.Protocol;
using OrleansMl.Serving;

namespace OrleansMl.Gateway.Grpc;

/// <summary>The Open Inference Protocol over gRPC: health, metadata and inference. The extensions are in the other half.</summary>
internal sealed partial class GrpcInferenceService(
    InferenceDataPlane plane,
    StatisticsReader statistics,
    Services.IModelRepositoryService repository,
    TraceSettings traces,
    LogSettings logs,
    Readiness readiness,
    GrpcErrors errors,
    IOptions<GatewayOptions> options) : GRPCInferenceService.GRPCInferenceServiceBase
{
    /// <summary>Requests of one stream under way at once.</summary>
    private const int StreamDepth = 32;

    public override Task<ServerLiveResponse> ServerLive(ServerLiveRequest request, ServerCallContext context) => Task.FromResult(new ServerLiveResponse { Live = true });

    public override Task<ServerReadyResponse> ServerReady(ServerReadyRequest request, ServerCallContext context) => Task.FromResult(new ServerReadyResponse { Ready = readiness.WhyNot() is null });

    public override async Task<ModelReadyResponse> ModelReady(ModelReadyRequest request, ServerCallContext context)
        => new() { Ready = await plane.WhyNotReadyAsync(request.Name, await VersionAsync(request.Name, request.Version, context).ConfigureAwait(false), context.CancellationToken).ConfigureAwait(false) is null };

    public override Task<ServerMetadataResponse> ServerMetadata(ServerMetadataRequest request, ServerCallContext context) => Task.FromResult(new ServerMetadataResponse
    {
        Name = options.Value.ServerName,
        Version = options.Value.ProductVersion,
        Extensions = { InferenceDataPlane.Extensions },
    });

    public override async Task<ModelMetadataResponse> ModelMetadata(ModelMetadataRequest request, ServerCallContext context)
    {
        var served = await DescribeAsync(request.Name, request.Version, context).ConfigureAwait(false);
        return new ModelMetadataResponse
        {
            Name = served.Manifest.Model,
            Platform = served.Config.Message.Platform,
            Versions = { served.Versions.Select(v => v.ToString(CultureInfo.InvariantCulture)) },
            Inputs = { served.Inputs.Select(Metadata) },
            Outputs = { served.Outputs.Select(Metadata) },
        };
    }

    public override async Task<ModelInferResponse> ModelInfer(ModelInferRequest request, ServerCallContext context)
        => await InferAsync(request, context).ConfigureAwait(false);

    public override async Task ModelStreamInfer(IAsyncStreamReader<ModelInferRequest> requestStream, IServerStreamWriter<ModelStreamInferResponse> responseStream, ServerCallContext context)
    {
        var pending = Channel.CreateBounded<Task<ModelStreamInferResponse>>(new BoundedChannelOptions(StreamDepth) { SingleReader = true, SingleWriter = true });
        var writing = WriteAsync();
        try
        {
            while (await requestStream.MoveNext(context.CancellationToken).ConfigureAwait(false))
            {
                var request = requestStream.Current;
                var answer = AnswerAsync(request, context);
                // Within a sequence each request waits for the one before it.
                if (request.Parameters.ContainsKey("sequence_id"))
                    await answer.ConfigureAwait(false);
                // Its end comes before ours only when the answers cannot be written any more.
                await Task.WhenAny(pending.Writer.WriteAsync(answer, context.CancellationToken).AsTask(), writing).ConfigureAwait(false);
                if (writing.IsCompleted)
                    break;
            }

            pending.Writer.TryComplete();
        }
        catch (Exception exception)
        {
            pending.Writer.TryComplete(exception);
        }

        await writing.ConfigureAwait(false);

        async Task WriteAsync()
        {
            await foreach (var answer in pending.Reader.ReadAllAsync(context.CancellationToken).ConfigureAwait(false))
                await responseStream.WriteAsync(await answer.ConfigureAwait(false), context.CancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<ModelStreamInferResponse> AnswerAsync(ModelInferRequest request, ServerCallContext context)
    {
        try
        {
            var response = await InferAsync(request, context).ConfigureAwait(false);
            if (request.Parameters.TryGetValue("triton_enable_empty_final_response", out var marks) && marks.BoolParam)
                response.Parameters["triton_final_response"] = new InferParameter { BoolParam = true };
            return new ModelStreamInferResponse { InferResponse = response };
        }
        catch (Exception exception) when (!context.CancellationToken.IsCancellationRequested)
        {
            // The error of one request does not end the stream; the id tells which one it is.
            return new ModelStreamInferResponse { ErrorMessage = errors.ErrorOf(context.Method, exception).Detail, InferResponse = new ModelInferResponse { Id = request.Id, ModelName = request.ModelName } };
        }
    }

    private async Task<ModelInferResponse> InferAsync(ModelInferRequest request, ServerCallContext context)
    {
        InferenceDataPlane.DemandName(request.ModelName);
        var version = await VersionAsync(request.ModelName, request.ModelVersion, context).ConfigureAwait(false);
        var inputs = GrpcTensors.Read(request);
        var call = new InferCall(request.ModelName, version, request.Id, GrpcParameters.Read(request.Parameters).Read, inputs, GrpcParameters.Outputs(request));
        var answer = await plane.InferAsync(call, context.CancellationToken).ConfigureAwait(false);
        var response = new ModelInferResponse { ModelName = answer.Model, ModelVersion = answer.Version.ToString(CultureInfo.InvariantCulture), Id = answer.Id ?? "" };
        foreach (var output in answer.Outputs)
            GrpcTensors.Write(response, output);
        return response;
    }

    private async Task<Services.ServedModel> DescribeAsync(string model, string version, ServerCallContext context)
        => await plane.DescribeAsync(model, await VersionAsync(model, version, context).ConfigureAwait(false), context.CancellationToken).ConfigureAwait(false);

    private Task<string?> VersionAsync(string model, string version, ServerCallContext context)
        => plane.ResolveAsync(model, InferenceDataPlane.ReadVersion(version), context.RequestHeaders.GetValue("x-model-version"), context.CancellationToken);

    private static ModelMetadataResponse.Types.TensorMetadata Metadata(TensorInfo tensor)
        => new() { Name = tensor.Name, Datatype = tensor.Datatype, Shape = { tensor.Shape.IsDefault ? [] : tensor.Shape } };
}

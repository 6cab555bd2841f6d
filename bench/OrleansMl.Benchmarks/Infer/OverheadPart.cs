using System.Diagnostics;
using System.Runtime.InteropServices;
using Google.Protobuf;
using Grpc.Net.Client;
using OrleansMl.Protocol;

namespace OrleansMl.Benchmarks.Infer;

/// <summary>
/// Where a request's time goes in the server, one at a time: from its first byte to the end of its answer, less the time in the
/// runtime, as the server itself counts them. Over HTTP against the minimal endpoint, then over gRPC against our HTTP.
/// </summary>
internal static class OverheadPart
{
    private const string HttpRoute = "/v2/models/{model}/infer";
    private const string GrpcRoute = "/inference.GRPCInferenceService/ModelInfer";

    public static async Task<IReadOnlyList<BenchResult>> RunAsync(InferSettings settings)
    {
        var row = InferModel.Row(BenchModel.Inputs);
        var json = InferModel.Json(row);
        await using var servers = await InferServers.StartBothAsync(BenchModel.Create(outputs: 4), isTimed: true);
        await servers.CompareAsync(json);
        using var ours = new LoadClient(servers.Oml.Address, HttpConnection.Post(servers.Oml.Address, InferModel.Path, json), 1);
        using var theirs = new LoadClient(servers.Baseline.Address, HttpConnection.Post(servers.Baseline.Address, InferModel.Path, json), 1);
        using var oml = new HttpClient { BaseAddress = servers.Oml.Address };
        using var baseline = new HttpClient { BaseAddress = servers.Baseline.Address };
        using var channel = GrpcChannel.ForAddress(servers.Oml.Grpc!);
        var client = new GRPCInferenceService.GRPCInferenceServiceClient(channel);
        var message = new ModelInferRequest
        {
            ModelName = InferModel.Name,
            Inputs = { new ModelInferRequest.Types.InferInputTensor { Name = "x", Datatype = "FP32", Shape = { 1, row.Length } } },
            RawInputContents = { ByteString.CopyFrom(MemoryMarshal.AsBytes(row.AsSpan())) },
        };

        var http = await Paired<ServerFigures>.RunAsync(
            settings, "in the server, one HTTP request at a time, OrleansMl | baseline",
            () => CountAsync(() => ServerFigures.OfOmlAsync(oml, HttpRoute), () => Task.FromResult(ours.Closed(settings.Window).Demand())),
            () => CountAsync(() => ServerFigures.OfBaselineAsync(baseline), () => Task.FromResult(theirs.Closed(settings.Window).Demand())));
        var grpc = await Paired<ServerFigures>.RunAsync(
            settings, "in the server, one request at a time, gRPC | HTTP",
            () => CountAsync(() => ServerFigures.OfOmlAsync(oml, GrpcRoute), async () =>
            {
                for (var clock = Stopwatch.StartNew(); clock.Elapsed < settings.Window;)
                    await client.ModelInferAsync(message);
                return true;
            }),
            () => CountAsync(() => ServerFigures.OfOmlAsync(oml, HttpRoute), () => Task.FromResult(ours.Closed(settings.Window).Demand())));
        return
        [
            http.Result("HTTP: overhead and queue", "us", f => f.Overhead),
            http.Result("HTTP: runtime", "us", f => f.Infer / f.Requests),
            http.Result("HTTP: allocated a request", "B", f => f.AllocatedEach),
            grpc.Result("gRPC: overhead and queue, against HTTP", "us", f => f.Overhead),
            grpc.Result("gRPC: allocated a request, against HTTP", "B", f => f.AllocatedEach),
        ];
    }

    private static async Task<ServerFigures> CountAsync<T>(Func<Task<ServerFigures>> read, Func<Task<T>> load)
    {
        var before = await read();
        await load();
        return (await read()).Since(before);
    }
}

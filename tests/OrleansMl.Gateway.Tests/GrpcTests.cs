using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Net.Compression;
using OrleansMl.Inference;
using OrleansMl.Protocol;
using OrleansMl.Protocol.Health;
using HealthStatus = OrleansMl.Protocol.Health.HealthCheckResponse.Types.ServingStatus;

namespace OrleansMl.Gateway.Tests;

/// <summary>The protocol over gRPC, by generated stubs over a real HTTP/2 connection.</summary>
public class GrpcTests
{
    [Fact]
    public async Task Health_and_metadata_say_what_REST_says()
    {
        await using var host = await GatewayHost.StartAsync();
        using var channel = Channel(host);
        var client = new GRPCInferenceService.GRPCInferenceServiceClient(channel);
        Assert.True((await client.ServerLiveAsync(new())).Live);
        Assert.True((await client.ServerReadyAsync(new())).Ready);
        var server = await client.ServerMetadataAsync(new());
        Assert.Equal("triton", server.Name);
        Assert.Contains("sequence(string_id)", server.Extensions);
        Assert.True((await client.ModelReadyAsync(new() { Name = "simple" })).Ready);
        var model = await client.ModelMetadataAsync(new() { Name = "simple", Version = "1" });
        Assert.Equal((["1", "2"], "onnxruntime_onnx", "INPUT1", "INT32"), (model.Versions.ToArray(), model.Platform, model.Inputs[1].Name, model.Inputs[1].Datatype), TupleComparer);
        Assert.Equal([-1, 16], model.Inputs[0].Shape);

        (host.Control.NotReady, host.Inference.Ready) = ("not yet", false);
        Assert.False((await client.ServerReadyAsync(new())).Ready);
        Assert.False((await client.ModelReadyAsync(new() { Name = "simple" })).Ready);
    }

    [Fact]
    public async Task Health_of_gRPC_follows_readiness()
    {
        await using var host = await GatewayHost.StartAsync();
        using var channel = Channel(host);
        var client = new Health.HealthClient(channel);
        Assert.Equal(HealthStatus.Serving, (await client.CheckAsync(new())).Status);
        Assert.Equal(HealthStatus.Serving, (await client.CheckAsync(new() { Service = "inference.GRPCInferenceService" })).Status);
        Assert.Equal(StatusCode.NotFound, await StatusOf(client.CheckAsync(new() { Service = "nothing" }).ResponseAsync));
        using var watch = client.Watch(new());
        Assert.True(await watch.ResponseStream.MoveNext(default));
        Assert.Equal(HealthStatus.Serving, watch.ResponseStream.Current.Status);
        host.Control.NotReady = "not yet";
        Assert.Equal(HealthStatus.NotServing, (await client.CheckAsync(new())).Status);
        // the watcher's clock is the host's, which stands still here: only the first status is asserted
    }

    [Fact]
    public async Task Raw_contents_and_typed_contents_give_the_same_answer()
    {
        await using var host = await GatewayHost.StartAsync();
        using var channel = Channel(host);
        var client = new GRPCInferenceService.GRPCInferenceServiceClient(channel);
        var raw = Simple();
        raw.RawInputContents.Add(Bytes(3, 4));
        raw.RawInputContents.Add(Bytes(1, 1));
        var typed = Simple();
        typed.Inputs[0].Contents = new InferTensorContents { IntContents = { 3, 4 } };
        typed.Inputs[1].Contents = new InferTensorContents { IntContents = { 1, 1 } };
        foreach (var request in new[] { raw, typed })
        {
            var answer = await client.ModelInferAsync(request);
            Assert.Equal(("simple", "1", "42"), (answer.ModelName, answer.ModelVersion, answer.Id));
            Assert.Equal([Bytes(4, 5), Bytes(2, 3)], answer.RawOutputContents);
            Assert.Equal(("OUTPUT0", "INT32"), (answer.Outputs[0].Name, answer.Outputs[0].Datatype));
            Assert.Equal([1, 2], answer.Outputs[0].Shape);
        }
    }

    [Fact]
    public async Task Every_datatype_goes_through_typed_contents()
    {
        await using var host = await GatewayHost.StartAsync();
        using var channel = Channel(host);
        var client = new GRPCInferenceService.GRPCInferenceServiceClient(channel);
        foreach (var (type, contents, bytes) in new (string, InferTensorContents, byte[])[]
        {
            ("BOOL", new() { BoolContents = { true } }, [1]),
            ("INT8", new() { IntContents = { -2 } }, [254]),
            ("INT16", new() { IntContents = { -2 } }, [254, 255]),
            ("INT64", new() { Int64Contents = { 1 } }, [1, 0, 0, 0, 0, 0, 0, 0]),
            ("UINT8", new() { UintContents = { 200 } }, [200]),
            ("UINT16", new() { UintContents = { 258 } }, [2, 1]),
            ("UINT32", new() { UintContents = { 1 } }, [1, 0, 0, 0]),
            ("UINT64", new() { Uint64Contents = { 1 } }, [1, 0, 0, 0, 0, 0, 0, 0]),
            ("FP32", new() { Fp32Contents = { 1 } }, [0, 0, 128, 63]),
            ("FP64", new() { Fp64Contents = { 1 } }, [0, 0, 0, 0, 0, 0, 240, 63]),
            ("BYTES", new() { BytesContents = { ByteString.CopyFromUtf8("a") } }, [1, 0, 0, 0, 97]),
        })
        {
            var answer = await client.ModelInferAsync(Identity(type, contents));
            Assert.Equal(bytes, answer.RawOutputContents[0].ToByteArray());
        }
    }

    public static TheoryData<string, StatusCode, string> Faults => new()
    {
        { "mixed", StatusCode.InvalidArgument, "contents field must not be specified when using raw_input_contents" },
        { "too few raw", StatusCode.InvalidArgument, "raw_input_contents" },
        { "wrong size", StatusCode.InvalidArgument, "takes 8" },
        { "wrong count", StatusCode.InvalidArgument, "int_contents" },
        { "fp16 contents", StatusCode.InvalidArgument, "raw_input_contents" },
        { "range", StatusCode.InvalidArgument, "-128 to 127" },
        { "datatype", StatusCode.InvalidArgument, "datatype" },
        { "negative", StatusCode.InvalidArgument, "dimension" },
        { "huge", StatusCode.InvalidArgument, "elements" },
        { "unknown model", StatusCode.NotFound, "Request for unknown model" },
        { "no name", StatusCode.NotFound, "Request for unknown model" },
        { "unknown version", StatusCode.NotFound, "Request for unknown model" },
        { "bad version", StatusCode.InvalidArgument, "version" },
        { "parameter", StatusCode.InvalidArgument, "sequence_start" },
        { "shared memory", StatusCode.Unimplemented, "shared memory" },
        { "twice", StatusCode.InvalidArgument, "twice" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_fault_has_its_status_and_says_what_to_do(string which, StatusCode status, string words)
    {
        await using var host = await GatewayHost.StartAsync();
        using var channel = Channel(host);
        var client = new GRPCInferenceService.GRPCInferenceServiceClient(channel);
        var request = Simple();
        request.RawInputContents.Add(Bytes(3, 4));
        request.RawInputContents.Add(Bytes(1, 1));
        switch (which)
        {
            case "mixed": request.Inputs[0].Contents = new() { IntContents = { 1, 2 } }; break;
            case "too few raw": request.RawInputContents.RemoveAt(1); break;
            case "wrong size": request.RawInputContents[1] = Bytes(1); break;
            case "wrong count": request = Identity("INT32", new() { IntContents = { 1, 2 } }); break;
            case "fp16 contents": request = Identity("FP16", new() { Fp32Contents = { 1 } }); break;
            case "range": request = Identity("INT8", new() { IntContents = { 128 } }); break;
            case "datatype": request.Inputs[0].Datatype = "STRING"; break;
            case "negative": request.Inputs[0].Shape[1] = -2; break;
            case "huge": request.Inputs[0].Shape.Add([1 << 30, 1 << 30]); break;
            case "unknown model": request.ModelName = "wrong"; break;
            case "no name": request.ModelName = ""; break;
            case "unknown version": request.ModelVersion = "7"; break;
            case "bad version": request.ModelVersion = "champion"; break;
            case "parameter": request.Parameters["sequence_start"] = new() { Int64Param = 1 }; break;
            case "shared memory": request.Inputs[0].Parameters["shared_memory_region"] = new() { StringParam = "a" }; break;
            default: request.Inputs[1].Name = "INPUT0"; break;
        }

        var exception = await Assert.ThrowsAsync<RpcException>(() => client.ModelInferAsync(request).ResponseAsync);
        Assert.Equal(status, exception.StatusCode);
        Assert.Contains(words, exception.Status.Detail, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_stream_answers_in_order_and_an_error_does_not_end_it()
    {
        await using var host = await GatewayHost.StartAsync();
        using var channel = Channel(host);
        var client = new GRPCInferenceService.GRPCInferenceServiceClient(channel);
        using var call = client.ModelStreamInfer();
        for (var i = 0; i < 100; i++)
        {
            var request = Identity("INT32", new() { IntContents = { i } });
            request.Id = i.ToString(System.Globalization.CultureInfo.InvariantCulture);
            if (i == 50)
                request.ModelName = "wrong";
            if (i == 99)
                request.Parameters["triton_enable_empty_final_response"] = new() { BoolParam = true };
            await call.RequestStream.WriteAsync(request);
        }

        await call.RequestStream.CompleteAsync();
        for (var i = 0; i < 100; i++)
        {
            Assert.True(await call.ResponseStream.MoveNext(default));
            var answer = call.ResponseStream.Current;
            Assert.Equal(i.ToString(System.Globalization.CultureInfo.InvariantCulture), answer.InferResponse.Id);
            Assert.Equal(i == 50, answer.ErrorMessage.StartsWith("Request for unknown model", StringComparison.Ordinal));
            if (i != 50)
                Assert.Equal(Bytes(i), answer.InferResponse.RawOutputContents[0]);
            Assert.Equal(i == 99, answer.InferResponse.Parameters.ContainsKey("triton_final_response"));
        }

        Assert.False(await call.ResponseStream.MoveNext(default));
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    public async Task Messages_are_compressed_both_ways(string coding)
    {
        await using var host = await GatewayHost.StartAsync();
        using var channel = GrpcChannel.ForAddress(host.GrpcAddress, new GrpcChannelOptions
        {
            CompressionProviders = [new GzipCompressionProvider(System.IO.Compression.CompressionLevel.Fastest), new DeflateCompressionProvider(System.IO.Compression.CompressionLevel.Fastest)],
        });
        var client = new GRPCInferenceService.GRPCInferenceServiceClient(channel);
        var request = Identity("FP16", null);
        request.Inputs[0].Shape[0] = 5000;
        request.RawInputContents.Add(ByteString.CopyFrom(new byte[10_000]));
        using var call = client.ModelInferAsync(request, new Metadata { { "grpc-internal-encoding-request", coding } });
        var answer = await call;
        Assert.Equal(10_000, answer.RawOutputContents[0].Length);
        Assert.Equal("gzip", (await call.ResponseHeadersAsync).GetValue("grpc-encoding") ?? "gzip");
    }

    [Fact]
    public async Task A_message_above_the_limit_of_the_body_is_refused_and_one_above_the_servers_default_is_not()
    {
        await using var host = await GatewayHost.StartAsync(options => options.MaxLargeBodyBytes = 40 << 20);
        using var channel = GrpcChannel.ForAddress(host.GrpcAddress, new GrpcChannelOptions { MaxReceiveMessageSize = null });
        var client = new GRPCInferenceService.GRPCInferenceServiceClient(channel);
        foreach (var (size, status) in new[] { (35 << 20, StatusCode.OK), (41 << 20, StatusCode.ResourceExhausted) })
        {
            var request = Identity("UINT8", null);
            request.Inputs[0].Shape[0] = size;
            request.RawInputContents.Add(UnsafeByteOperations.UnsafeWrap(new byte[size]));
            Assert.Equal(status, await StatusOf(client.ModelInferAsync(request).ResponseAsync));
        }
    }

    [Fact]
    public async Task Keys_are_the_same_as_over_HTTP()
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes("key")));
        await using var host = await GatewayHost.StartAsync(options => options.Keys.Add(new GatewayKey { Name = "reader", Sha256 = hash, Roles = GatewayRoles.Predict }));
        using var channel = Channel(host);
        var client = new GRPCInferenceService.GRPCInferenceServiceClient(channel);
        var key = new Metadata { { "authorization", "Bearer key" } };
        Assert.Equal(StatusCode.Unauthenticated, await StatusOf(client.ModelMetadataAsync(new() { Name = "simple" }).ResponseAsync));
        Assert.Equal(StatusCode.OK, await StatusOf(client.ModelMetadataAsync(new() { Name = "simple" }, key).ResponseAsync));
        Assert.Equal(StatusCode.PermissionDenied, await StatusOf(client.RepositoryModelLoadAsync(new() { ModelName = "simple" }, key).ResponseAsync));
        Assert.Equal(StatusCode.PermissionDenied, await StatusOf(client.LogSettingsAsync(new() { Settings = { ["log_info"] = new() { BoolParam = false } } }, key).ResponseAsync));
        Assert.Equal(StatusCode.OK, await StatusOf(client.LogSettingsAsync(new(), key).ResponseAsync));
        Assert.Equal(StatusCode.OK, await StatusOf(client.ServerLiveAsync(new()).ResponseAsync));
    }

    [Fact]
    public async Task Extensions_are_served_and_shared_memory_is_unimplemented()
    {
        await using var host = await GatewayHost.StartAsync();
        using var channel = Channel(host);
        var client = new GRPCInferenceService.GRPCInferenceServiceClient(channel);
        Assert.Equal(64, (await client.ModelConfigAsync(new() { Name = "simple" })).Config.MaxBatchSize);
        host.Inference.Statistics = new BatchingStatistics(new(1, 5), default, default, default, default, default, 3, 1, null, [], ImmutableSortedDictionary<string, long>.Empty, 0, 0);
        Assert.Equal(3UL, (await client.ModelStatisticsAsync(new() { Name = "simple", Version = "1" })).ModelStats.Single().InferenceCount);
        Assert.Equal(["simple", "waiting"], (await client.RepositoryIndexAsync(new())).Models.Select(m => m.Name));
        Assert.Single((await client.RepositoryIndexAsync(new() { Ready = true })).Models);
        await client.RepositoryModelLoadAsync(new() { ModelName = "simple", Parameters = { ["config"] = new() { StringParam = "{}" }, ["file:2/model.onnx"] = new() { BytesParam = ByteString.CopyFrom(1, 2) } } });
        Assert.Equal(("{}", 2), (host.Repository.LastLoad!.Config, host.Repository.LastLoad.Files["2/model.onnx"].Length));
        await client.RepositoryModelUnloadAsync(new() { ModelName = "simple", Parameters = { ["unload_dependents"] = new() { BoolParam = true } } });
        Assert.Equal(["simple and what it runs"], host.Repository.Unloaded);
        Assert.Equal(StatusCode.InvalidArgument, await StatusOf(client.RepositoryModelUnloadAsync(new() { ModelName = "simple", Parameters = { ["unload_dependents"] = new() { StringParam = "true" } } }).ResponseAsync));
        Assert.Equal(["9"], (await client.TraceSettingAsync(new() { Settings = { ["trace_rate"] = new() { Value = { "9" } } } })).Settings["trace_rate"].Value);
        Assert.Equal(1U, (await client.LogSettingsAsync(new() { Settings = { ["log_verbose_level"] = new() { Uint32Param = 1 } } })).Settings["log_verbose_level"].Uint32Param);
        Assert.Equal(StatusCode.NotFound, await StatusOf(client.RepositoryIndexAsync(new() { RepositoryName = "other" }).ResponseAsync));
        Assert.Equal(StatusCode.Unimplemented, await StatusOf(client.SystemSharedMemoryStatusAsync(new()).ResponseAsync));
        Assert.Equal(StatusCode.Unimplemented, await StatusOf(client.CudaSharedMemoryRegisterAsync(new()).ResponseAsync));
    }

    [Fact]
    public async Task Classification_and_the_version_header_work_as_over_HTTP()
    {
        await using var host = await GatewayHost.StartAsync();
        using var channel = Channel(host);
        var client = new GRPCInferenceService.GRPCInferenceServiceClient(channel);
        var request = Simple();
        request.RawInputContents.Add(Bytes(3, 4));
        request.RawInputContents.Add(Bytes(1, 1));
        request.Outputs.Add(new ModelInferRequest.Types.InferRequestedOutputTensor { Name = "OUTPUT0", Parameters = { ["classification"] = new() { Int64Param = 1 } } });
        var answer = await client.ModelInferAsync(request, new Metadata { { "x-model-version", "champion" } });
        Assert.Equal([3, 0, 0, 0, .. "5:1"u8], answer.RawOutputContents.Single().ToByteArray());
        Assert.Equal("BYTES", answer.Outputs[0].Datatype);
    }

    private static IEqualityComparer<(string[], string, string, string)> TupleComparer { get; } = EqualityComparer<(string[], string, string, string)>.Create((a, b) => a.Item1.SequenceEqual(b.Item1) && a.Item2 == b.Item2 && a.Item3 == b.Item3 && a.Item4 == b.Item4);

    private static GrpcChannel Channel(GatewayHost host) => GrpcChannel.ForAddress(host.GrpcAddress);

    private static ModelInferRequest Simple() => new()
    {
        ModelName = "simple",
        Id = "42",
        Inputs = { new ModelInferRequest.Types.InferInputTensor { Name = "INPUT0", Datatype = "INT32", Shape = { 1, 2 } }, new ModelInferRequest.Types.InferInputTensor { Name = "INPUT1", Datatype = "INT32", Shape = { 1, 2 } } },
    };

    private static ModelInferRequest Identity(string type, InferTensorContents? contents) => new()
    {
        ModelName = "identity",
        Inputs = { new ModelInferRequest.Types.InferInputTensor { Name = "IN", Datatype = type, Shape = { 1 }, Contents = contents } },
    };

    private static ByteString Bytes(params int[] values) => ByteString.CopyFrom(MemoryMarshal.AsBytes(values.AsSpan()).ToArray());

    private static async Task<StatusCode> StatusOf<T>(Task<T> call)
    {
        try
        {
            await call;
            return StatusCode.OK;
        }
        catch (RpcException exception)
        {
            return exception.StatusCode;
        }
    }
}

using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using Google.Protobuf;
using Grpc.Core;
using OrleansMl.Protocol;
using OrleansMl.Protocol.Health;

namespace OrleansMl.Gateway.Tests;

/// <summary>What no stub sends: frames of gRPC by hand, over HTTP/2.</summary>
public class GrpcMessageTests
{
    private const string Infer = "/inference.GRPCInferenceService/ModelInfer";
    private const string Stream = "/inference.GRPCInferenceService/ModelStreamInfer";

    // A field of length 127 of which nothing follows; the tag 0, which no field has; a string that is no UTF-8 (field 1: a name in all of them).
    private static readonly byte[][] NoMessages = [[10, 127], [0], [10, 2, 0xC3, 0x28]];

    public static TheoryData<string, string> Methods => new()
    {
        { Infer, "inference.ModelInferRequest" },
        { Stream, "inference.ModelInferRequest" },
        { "/inference.GRPCInferenceService/ModelMetadata", "inference.ModelMetadataRequest" },
        { "/inference.GRPCInferenceService/ServerLive", "inference.ServerLiveRequest" },
        { "/grpc.health.v1.Health/Check", "grpc.health.v1.HealthCheckRequest" },
        { "/grpc.health.v1.Health/Watch", "grpc.health.v1.HealthCheckRequest" },
    };

    [Theory]
    [MemberData(nameof(Methods))]
    public async Task Bytes_that_are_no_message_of_the_method_are_an_invalid_argument(string method, string message)
    {
        await using var host = await GatewayHost.StartAsync();
        foreach (var bytes in NoMessages)
        {
            // ServerLiveRequest has no fields: to it any string is an unknown one.
            if (message == "inference.ServerLiveRequest" && bytes.Length == 4)
                continue;
            var answer = await CallAsync(host, method, [bytes]);
            Assert.Equal(StatusCode.InvalidArgument, answer.Status);
            Assert.StartsWith($"The request of {method} is no {message}: ", answer.Detail, StringComparison.Ordinal);
            Assert.Contains($"the stubs made from {(message.StartsWith("grpc", StringComparison.Ordinal) ? "health.proto" : "open_inference.proto")}", answer.Detail, StringComparison.Ordinal);
            Assert.Empty(answer.Messages);
        }
    }

    [Fact]
    public async Task The_same_frames_around_a_message_are_answered()
    {
        await using var host = await GatewayHost.StartAsync();
        var live = await CallAsync(host, "/inference.GRPCInferenceService/ServerLive", [[]]);
        Assert.Equal(StatusCode.OK, live.Status);
        Assert.True(ServerLiveResponse.Parser.ParseFrom(live.Messages.Single()).Live);
        var health = await CallAsync(host, "/grpc.health.v1.Health/Check", [new HealthCheckRequest { Service = "inference.GRPCInferenceService" }.ToByteArray()]);
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, HealthCheckResponse.Parser.ParseFrom(health.Messages.Single()).Status);
        Assert.Equal(StatusCode.Unimplemented, (await CallAsync(host, "/inference.GRPCInferenceService/Nothing", [[]])).Status);
    }

    [Fact]
    public async Task A_stream_answers_what_came_before_the_bytes_that_are_no_message()
    {
        await using var host = await GatewayHost.StartAsync();
        var request = new ModelInferRequest { ModelName = "identity", Id = "1", Inputs = { new ModelInferRequest.Types.InferInputTensor { Name = "IN", Datatype = "INT32", Shape = { 1 }, Contents = new() { IntContents = { 7 } } } } };
        var answer = await CallAsync(host, Stream, [request.ToByteArray(), NoMessages[0], request.ToByteArray()]);
        Assert.Equal(StatusCode.InvalidArgument, answer.Status);
        Assert.Equal("1", ModelStreamInferResponse.Parser.ParseFrom(answer.Messages.Single()).InferResponse.Id);
    }

    private static async Task<RawAnswer> CallAsync(GatewayHost host, string method, byte[][] messages)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(host.GrpcAddress, method))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent([.. messages.SelectMany(Frame)]) { Headers = { ContentType = new MediaTypeHeaderValue("application/grpc") } },
        };
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        using var response = await host.Client.SendAsync(request);
        var body = await response.Content.ReadAsByteArrayAsync();
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        // Without a body the status lies in the only headers that there are.
        HttpHeaders last = response.TrailingHeaders.Contains("grpc-status") ? response.TrailingHeaders : response.Headers;
        return new RawAnswer((StatusCode)int.Parse(last.GetValues("grpc-status").Single(), System.Globalization.CultureInfo.InvariantCulture),
            last.TryGetValues("grpc-message", out var detail) ? Uri.UnescapeDataString(detail.Single()) : "", [.. Unframe(body)]);
    }

    private static byte[] Frame(byte[] message)
    {
        var frame = new byte[5 + message.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), message.Length);
        message.CopyTo(frame, 5);
        return frame;
    }

    private static IEnumerable<byte[]> Unframe(byte[] body)
    {
        for (var at = 0; at < body.Length;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(body.AsSpan(at + 1));
            yield return body[(at + 5)..(at + 5 + length)];
            at += 5 + length;
        }
    }

    private sealed record RawAnswer(StatusCode Status, string Detail, IReadOnlyList<byte[]> Messages);
}

using System.Globalization;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace OrleansMl.Gateway.Tests;

/// <summary>The extension binary_tensor_data, and content codings.</summary>
public class BinaryTensorTests
{
    private const string Identity = "/v2/models/identity/infer";
    private const string HeaderLength = "Inference-Header-Content-Length";

    [Theory]
    [InlineData("FP16", 2)]
    [InlineData("BF16", 2)]
    [InlineData("BOOL", 1)]
    [InlineData("UINT64", 8)]
    [InlineData("FP64", 8)]
    public async Task A_tensor_goes_in_and_out_as_bytes(string datatype, int size)
    {
        await using var host = await GatewayHost.StartAsync();
        var data = Enumerable.Range(1, 3 * size).Select(i => datatype == "BOOL" ? (byte)(i % 2) : (byte)i).ToArray();
        var answer = await SendAsync(host, $"{{\"inputs\":[{{\"name\":\"IN\",\"shape\":[3],\"datatype\":\"{datatype}\",\"parameters\":{{\"binary_data_size\":{data.Length}}}}}],\"parameters\":{{\"binary_data_output\":true}}}}", data);

        Assert.Equal((200, "application/octet-stream"), (answer.Status, answer.ContentType));
        var (json, tail) = Split(answer);
        Assert.Equal(data, tail);
        Assert.Equal(data.Length, json.GetProperty("outputs")[0].GetProperty("parameters").GetProperty("binary_data_size").GetInt32());
        Assert.False(json.GetProperty("outputs")[0].TryGetProperty("data", out _));
    }

    [Fact]
    public async Task Inputs_and_outputs_may_be_mixed_and_come_in_their_order()
    {
        await using var host = await GatewayHost.StartAsync();
        byte[] texts = [1, 0, 0, 0, 0, 2, 0, 0, 0, (byte)'a', 255];
        const string Json = """{"inputs":[{"name":"A","shape":[2],"datatype":"BYTES","parameters":{"binary_data_size":11}},{"name":"B","shape":[1],"datatype":"INT32","data":[7]},{"name":"C","shape":[1],"datatype":"INT8","parameters":{"binary_data_size":1}}],"outputs":[{"name":"A","parameters":{"binary_data":true}},{"name":"B","parameters":{"binary_data":false}},{"name":"C","parameters":{"binary_data":true}}]}""";
        var answer = await SendAsync(host, Json, [.. texts, 9]);

        var (json, tail) = Split(answer);
        Assert.Equal([.. texts, 9], tail);
        Assert.Equal("[7]", json.GetProperty("outputs")[1].GetProperty("data").GetRawText());
    }

    [Theory]
    [InlineData(4, 3, "binary_data_size")]
    [InlineData(4, 5, "binary_data_size")]
    [InlineData(3, 3, "takes 4")]
    [InlineData(5, 5, "takes 4")]
    [InlineData(2147483647, 4, "binary_data_size")]
    public async Task Bytes_that_do_not_fit_are_refused_with_both_numbers(int announced, int sent, string word)
    {
        await using var host = await GatewayHost.StartAsync();
        var answer = await SendAsync(host, $"{{\"inputs\":[{{\"name\":\"IN\",\"shape\":[1],\"datatype\":\"FP32\",\"parameters\":{{\"binary_data_size\":{announced}}}}}]}}", new byte[sent]);

        Assert.Equal(400, answer.Status);
        Assert.Contains(word, answer["error"].GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new byte[] { 1, 0, 0 }, "four bytes")]
    [InlineData(new byte[] { 2, 0, 0, 0, 65 }, "says that it has 2")]
    [InlineData(new byte[] { 255, 255, 255, 255, 65 }, "says that it has 4294967295")]
    [InlineData(new byte[] { 0, 0, 0, 0, 65 }, "behind its last element")]
    public async Task A_BYTES_tensor_whose_lengths_lie_is_refused(byte[] data, string words)
    {
        await using var host = await GatewayHost.StartAsync();
        var answer = await SendAsync(host, $"{{\"inputs\":[{{\"name\":\"IN\",\"shape\":[1],\"datatype\":\"BYTES\",\"parameters\":{{\"binary_data_size\":{data.Length}}}}}]}}", data);

        Assert.Equal(400, answer.Status);
        Assert.Contains(words, answer["error"].GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("abc")]
    [InlineData("-1")]
    [InlineData("100000")]
    public async Task A_header_length_that_is_no_length_is_refused(string length)
    {
        await using var host = await GatewayHost.StartAsync();
        var answer = await host.SendAsync("POST", Identity, "{\"inputs\":[]}"u8.ToArray(), null, (HeaderLength, length));

        Assert.Equal(400, answer.Status);
        Assert.Contains(HeaderLength, answer["error"].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_raw_request_is_the_only_input_and_all_outputs_come_as_bytes()
    {
        await using var host = await GatewayHost.StartAsync();
        var data = MemoryMarshal.AsBytes<float>([1, 2, 3]).ToArray();
        var (json, tail) = Split(await host.SendAsync("POST", Identity, data, null, (HeaderLength, "0")));
        Assert.Equal(data, tail);
        Assert.Equal("[3]", json.GetProperty("outputs")[0].GetProperty("shape").GetRawText());

        (json, tail) = Split(await host.SendAsync("POST", "/v2/models/text/infer", "any text"u8.ToArray(), null, (HeaderLength, "0")));
        Assert.Equal([8, 0, 0, 0, .. "any text"u8], tail);
        Assert.Equal("[1]", json.GetProperty("outputs")[0].GetProperty("shape").GetRawText());

        Assert.Equal(400, (await host.SendAsync("POST", Identity, new byte[5], null, (HeaderLength, "0"))).Status);
        var two = await host.SendAsync("POST", "/v2/models/simple/infer", new byte[4], null, (HeaderLength, "0"));
        Assert.Contains("2 inputs", two["error"].GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    public async Task Bodies_are_compressed_both_ways_and_the_header_counts_without_compression(string coding)
    {
        await using var host = await GatewayHost.StartAsync();
        var data = new byte[4 * 1000];
        const string Json = """{"inputs":[{"name":"IN","shape":[1000],"datatype":"FP32","parameters":{"binary_data_size":4000}}],"parameters":{"binary_data_output":true}}""";
        var body = Pack([.. Encoding.UTF8.GetBytes(Json), .. data], coding);
        var answer = await host.SendAsync("POST", Identity, body, null, (HeaderLength, Text(Json.Length)), ("Content-Encoding", coding), ("Accept-Encoding", coding));

        Assert.Equal((200, coding), (answer.Status, answer.Headers["Content-Encoding"]));
        Assert.True(answer.Bytes.Length < 1000, "not compressed");
        Assert.Equal(answer.Bytes.Length, int.Parse(answer.Headers["Content-Length"], CultureInfo.InvariantCulture));
        var (_, tail) = Split(answer with { Bytes = Unpack(answer.Bytes, coding) });
        Assert.Equal(data, tail);
    }

    [Theory]
    [InlineData("gzip;q=0", null)]
    [InlineData("br", null)]
    [InlineData("deflate;q=0.9, gzip;q=0.5", "deflate")]
    [InlineData("deflate, gzip", "gzip")]
    public async Task The_coding_of_an_answer_is_one_that_the_caller_takes(string accepted, string? coding)
    {
        await using var host = await GatewayHost.StartAsync();
        var body = $"{{\"inputs\":[{{\"name\":\"IN\",\"shape\":[1000],\"datatype\":\"INT32\",\"data\":[{string.Join(',', Enumerable.Range(0, 1000))}]}}]}}";
        var answer = await host.SendAsync("POST", Identity, body, null, ("Accept-Encoding", accepted));
        Assert.Equal((200, coding), (answer.Status, answer.Headers.GetValueOrDefault("Content-Encoding")));
    }

    [Fact]
    public async Task A_body_that_unpacks_beyond_the_limit_is_413_and_one_that_is_not_in_its_coding_400()
    {
        await using var host = await GatewayHost.StartAsync(options => options.MaxLargeBodyBytes = 1 << 20);
        Assert.Equal(413, (await host.SendAsync("POST", Identity, Pack(new byte[8 << 20], "gzip"), null, ("Content-Encoding", "gzip"))).Status);
        foreach (var coding in new[] { "gzip", "deflate" })
            Assert.Equal(400, (await host.SendAsync("POST", Identity, "{\"inputs\":[]}"u8.ToArray(), null, ("Content-Encoding", coding))).Status);
        Assert.Equal(415, (await host.SendAsync("POST", Identity, "{}"u8.ToArray(), null, ("Content-Encoding", "br"))).Status);
    }

    [Fact]
    public async Task A_large_answer_is_sent_as_it_lies()
    {
        await using var host = await GatewayHost.StartAsync();
        var data = new byte[4 << 20];
        Random.Shared.NextBytes(data);
        var answer = await SendAsync(host, $"{{\"inputs\":[{{\"name\":\"IN\",\"shape\":[{data.Length}],\"datatype\":\"UINT8\",\"parameters\":{{\"binary_data_size\":{data.Length}}}}}],\"outputs\":[{{\"name\":\"IN\",\"parameters\":{{\"binary_data\":true}}}}]}}", data);
        Assert.Equal(data, Split(answer).Tail);
    }

    [Fact]
    public async Task Classification_gives_values_and_indices_best_first()
    {
        await using var host = await GatewayHost.StartAsync();
        var answer = await host.PostAsync(Identity, """{"inputs":[{"name":"IN","shape":[2,3],"datatype":"FP32","data":[0.5,2,0.5,-1,-3,-2]}],"outputs":[{"name":"IN","parameters":{"classification":2}}]}""");
        var output = answer["outputs"][0];
        Assert.Equal(("BYTES", "[2,2]"), (output.GetProperty("datatype").GetString(), output.GetProperty("shape").GetRawText()));
        Assert.Equal("""["2:1","0.5:0","-1:0","-2:2"]""", output.GetProperty("data").GetRawText());
        Assert.Equal(400, (await host.PostAsync(Identity, """{"inputs":[{"name":"IN","shape":[1],"datatype":"BYTES","data":["a"]}],"outputs":[{"name":"IN","parameters":{"classification":2}}]}""")).Status);
    }

    [Fact]
    public void Classification_names_the_classes_that_have_labels()
    {
        var tensor = new OrleansMl.Inference.Tensor("p", OrleansMl.Inference.TensorType.Int32, new long[] { 3 }, System.Runtime.InteropServices.MemoryMarshal.AsBytes<int>(new[] { 1, 9, 4 }).ToArray());
        var classes = OrleansMl.Gateway.OpenInference.Classification.Of(tensor, 3, isBatched: false, ["cat", "dog"]);
        Assert.Equal(["9:1:dog", "4:2", "1:0:cat"], classes.Elements.ToArray().Select(e => Encoding.UTF8.GetString(e.Span)));
    }

    [Fact]
    public async Task Parameters_are_read_and_passed_on()
    {
        await using var host = await GatewayHost.StartAsync();
        await host.PostAsync(Identity, """{"parameters":{"sequence_id":18446744073709551615,"sequence_start":true,"sequence_end":false,"priority":2,"timeout":1500,"mine":"x","count":3},"inputs":[{"name":"IN","shape":[0],"datatype":"FP32","data":[]}]}""");
        var read = host.Inference.LastParameters!;
        Assert.Equal((ulong.MaxValue, true, false, 2UL), (read.Sequence!.Value.Number, read.SequenceStart, read.SequenceEnd, read.Priority));
        Assert.Equal((TimeSpan.FromMilliseconds(1.5), "x", 3L), (read.Timeout!.Value, read.Custom["mine"], read.Custom["count"]));
        await host.PostAsync(Identity, """{"parameters":{"sequence_id":"b3c1"},"inputs":[]}""");
        Assert.Equal("b3c1", host.Inference.LastParameters!.Sequence!.Value.Text);
    }

    private static Task<Answer> SendAsync(GatewayHost host, string json, byte[] binary)
        => host.SendAsync("POST", Identity, [.. Encoding.UTF8.GetBytes(json), .. binary], null, (HeaderLength.ToLowerInvariant(), Text(Encoding.UTF8.GetByteCount(json))));

    private static (JsonElement Json, byte[] Tail) Split(Answer answer)
    {
        Assert.True(answer.Status == 200, answer.Body);
        var length = int.Parse(answer.Headers[HeaderLength], CultureInfo.InvariantCulture);
        return (JsonDocument.Parse(answer.Bytes.AsMemory(0, length)).RootElement, answer.Bytes[length..]);
    }

    private static byte[] Pack(byte[] data, string coding)
    {
        using var packed = new MemoryStream();
        using (Stream stream = coding == "gzip" ? new GZipStream(packed, CompressionLevel.Fastest, true) : new ZLibStream(packed, CompressionLevel.Fastest, true))
            stream.Write(data);
        return packed.ToArray();
    }

    private static byte[] Unpack(byte[] data, string coding)
    {
        using var packed = new MemoryStream(data);
        using Stream stream = coding == "gzip" ? new GZipStream(packed, CompressionMode.Decompress) : new ZLibStream(packed, CompressionMode.Decompress);
        using var plain = new MemoryStream();
        stream.CopyTo(plain);
        return plain.ToArray();
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

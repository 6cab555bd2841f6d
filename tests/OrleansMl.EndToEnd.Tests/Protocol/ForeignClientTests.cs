namespace OrleansMl.EndToEnd.Tests;

/// <summary>Programs that others wrote for servers of the protocol work unchanged.</summary>
public sealed class ForeignClientTests(RecordedModelsFixture server) : IClassFixture<RecordedModelsFixture>
{
    private static string Scripts { get; } = Path.Combine(Places.Root, "tests", "OrleansMl.EndToEnd.Tests", "Protocol", "Scripts");

    [SkippableFact]
    public async Task NVIDIAs_Python_client_works_over_HTTP_and_gRPC()
    {
        var python = await ForeignClients.PythonOrSkipAsync();
        await server.ApiAsync();

        var (code, said) = await ForeignClients.RunAsync(python, [Path.Combine(Scripts, "triton_client.py"), server.Server.Word("http"), server.Server.Word("grpc")]);

        Assert.True(code == 0 && said.Contains("all is well", StringComparison.Ordinal), said);
    }

    [SkippableFact]
    public async Task A_client_made_of_the_proto_files_alone_works()
    {
        var folder = await ForeignClients.GrpcJsOrSkipAsync();
        await server.ApiAsync();

        var (code, said) = await ForeignClients.RunAsync("node", [Path.Combine(Scripts, "grpc_client.js"), Path.Combine(Places.Root, "src", "OrleansMl.Protocol", "Protos"), server.Server.Word("grpc")], [("NODE_PATH", Path.Combine(folder, "node_modules"))]);

        Assert.True(code == 0 && said.Contains("all is well", StringComparison.Ordinal), said);
    }

    [SkippableTheory]
    [InlineData("http", "simple")]
    [InlineData("grpc", "simple")]
    [InlineData("http", "simple_int8")]
    [InlineData("grpc", "simple_sequence")]
    public async Task Perf_analyzer_measures_and_reads_the_statistics(string protocol, string model)
    {
        var (program, libraries) = await ForeignClients.PerfAnalyzerOrSkipAsync();
        var api = await server.ApiAsync();
        async Task<long> CountAsync() => (await api.GetAsync($"/v2/models/{model}/stats")).Is(200).Body.GetProperty("model_stats")[0].GetProperty("inference_count").GetInt64();
        var before = await CountAsync();

        var (_, said) = await ForeignClients.RunAsync(program,
            ["-m", model, "-u", server.Server.Word(protocol), "-i", protocol, "--concurrency-range", "2", "-p", "1000", "-s", "900", "-r", "3"], [("LD_LIBRARY_PATH", libraries)]);

        // Whether its figures are stable on this machine is not asked here, and without that it prints none.
        Assert.DoesNotContain("error:", said, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("Request concurrency: 2", said, StringComparison.Ordinal);
        if (!said.Contains("Failed to obtain stable measurement", StringComparison.Ordinal))
            Assert.Matches(@"throughput: [1-9][0-9.]* infer/sec", said);
        Assert.InRange(await CountAsync() - before, 10, long.MaxValue);
    }
}

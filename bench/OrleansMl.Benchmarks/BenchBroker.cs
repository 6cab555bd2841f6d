using System.Diagnostics;

namespace OrleansMl.Benchmarks;

/// <summary>A Kafka broker for a benchmark: the one that is named, or one started by the scripts of <c>ORLEANSML_KAFKA</c>.</summary>
internal sealed class BenchBroker : IAsyncDisposable
{
    private readonly string? _scripts;
    private readonly string? _folder;

    private BenchBroker(string address, string? scripts, string? folder) => (Address, _scripts, _folder) = (address, scripts, folder);

    public string Address { get; }

    /// <exception cref="InvalidOperationException">There is none, and none can be started.</exception>
    public static async Task<BenchBroker> StartAsync(string? address)
    {
        if (address is not null)
            return new BenchBroker(address, null, null);
        var scripts = Environment.GetEnvironmentVariable("ORLEANSML_KAFKA") ?? Path.Combine(BenchResults.FindRoot(), "..", "shared", "kafka");
        if (!File.Exists(Path.Combine(scripts, "start.sh")))
            throw new InvalidOperationException("There is no Kafka broker: give --broker HOST:PORT, or set ORLEANSML_KAFKA to a folder with start.sh and stop.sh.");
        var folder = Directory.CreateTempSubdirectory("oml-bench-kafka-").FullName;
        return new BenchBroker((await RunAsync(Path.Combine(scripts, "start.sh"), folder)).Trim(), scripts, folder);
    }

    public async ValueTask DisposeAsync()
    {
        if (_folder is null)
            return;
        await RunAsync(Path.Combine(_scripts!, "stop.sh"), _folder);
        Directory.Delete(_folder, recursive: true);
    }

    private static async Task<string> RunAsync(string script, string folder)
    {
        using var process = Process.Start(new ProcessStartInfo(script) { ArgumentList = { folder }, RedirectStandardOutput = true })
            ?? throw new InvalidOperationException($"{script} could not be run.");
        var said = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? said : throw new InvalidOperationException($"{script} ended with {process.ExitCode}.");
    }
}

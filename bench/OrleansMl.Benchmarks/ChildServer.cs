using System.Diagnostics;

namespace OrleansMl.Benchmarks;

/// <summary>A server of the benchmark in a process of its own; ends with it.</summary>
internal sealed class ChildServer : IAsyncDisposable
{
    private readonly Process _process;

    private ChildServer(Process process, Uri address, Uri? grpc) => (_process, Address, Grpc) = (process, address, grpc);

    public Uri Address { get; }

    /// <summary>Where it answers gRPC; null: it does not.</summary>
    public Uri? Grpc { get; }

    /// <summary>Processor time that it has taken so far, all threads together.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>The most bytes of memory that it has held at once.</summary>
    public long PeakMemoryBytes
    {
        get
        {
            _process.Refresh();
            return _process.PeakWorkingSet64;
        }
    }

    public static async Task<ChildServer> StartAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(start.FileName) == "dotnet")
            start.ArgumentList.Add(typeof(ChildServer).Assembly.Location);
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        var process = Process.Start(start) ?? throw new InvalidOperationException("The server process did not start.");
        // Seconds on a machine that is free; a busy one is no reason to give up.
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        while (await process.StandardOutput.ReadLineAsync(patience.Token) is { } line)
        {
            if (line.StartsWith("ready ", StringComparison.Ordinal))
            {
                return new ChildServer(process, Find("http=") ?? throw new InvalidOperationException($"The server says no address: {line}"), Find("grpc="));

                Uri? Find(string name) => line.Split(' ').FirstOrDefault(p => p.StartsWith(name, StringComparison.Ordinal)) is { } part ? new Uri($"http://{part[name.Length..]}/") : null;
            }
        }

        throw new InvalidOperationException($"The server '{string.Join(' ', arguments)}' ended before it was ready.");
    }

    /// <summary>Sends it a signal by name: STOP, CONT.</summary>
    public async Task SignalAsync(string name)
    {
        using var kill = Process.Start("kill", ["-" + name, _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}

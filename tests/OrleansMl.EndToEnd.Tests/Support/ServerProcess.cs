using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace OrleansMl.EndToEnd.Tests;

/// <summary>A server of the real program in a process of its own; it never outlives the test.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private const int SigKill = 9;
    private const int SigTerm = 15;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly StringBuilder _said = new();
    private readonly TaskCompletionSource<string> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<string> _output = [];
    private readonly Stopwatch _launched = Stopwatch.StartNew();

    private ServerProcess(Process process) => _process = process;

    public int Id => _process.Id;

    /// <summary>The line that said ready, as printed.</summary>
    public string ReadyLine => _ready.Task.Result;

    /// <summary>From the start of the process to the ready line.</summary>
    public TimeSpan StartedIn { get; private set; }

    public Uri Address { get; private set; } = null!;

    public Api Api { get; private set; } = null!;

    /// <summary>All lines on standard output so far.</summary>
    public IReadOnlyList<string> Output
    {
        get
        {
            lock (_said)
                return [.. _output];
        }
    }

    /// <summary>What was said on both outputs.</summary>
    public string Said
    {
        get
        {
            lock (_said)
                return _said.ToString();
        }
    }

    /// <summary>Starts <c>up</c> on free ports and waits for its ready line.</summary>
    public static async Task<ServerProcess> StartAsync(string data, params string[] arguments)
    {
        var server = Launch(StartInfo(data, arguments));
        try
        {
            return await server.IsReadyAsync()
                ? server
                : throw new InvalidOperationException($"The server ended with exit code {server._process.ExitCode} before it was ready: {server.Said}");
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it so that SIGKILL ends it as soon as a job comes to a point (see <c>OrleansMl.KillSwitch</c>), and waits for that.</summary>
    /// <param name="begin">Done once it is ready, where it lives so long.</param>
    public static async Task KilledAtAsync(string point, string data, string[] arguments, Func<Api, Task> begin)
    {
        var start = StartInfo(data, arguments);
        start.Environment["DOTNET_STARTUP_HOOKS"] = Path.Combine(AppContext.BaseDirectory, "OrleansMl.KillSwitch.dll");
        start.Environment["OML_KILL_AT"] = point;
        await using var server = Launch(start);
        if (await server.IsReadyAsync())
            await begin(server.Api);
        try
        {
            // Its training gives way to all else that runs on the machine.
            await server._process.WaitForExitAsync().WaitAsync(3 * Patience);
            Assert.True(server._process.ExitCode == 128 + SigKill, $"The server was to be killed at '{point}', and ended with exit code {server._process.ExitCode}: {server.Said}");
        }
        catch (TimeoutException)
        {
            var jobs = await server.Api.GetAsync("/api/v1/jobs?kind=retrain");
            throw new TimeoutException($"The server did not come to '{point}' within {3 * Patience}: {jobs.Text} {server.Said}");
        }
    }

    /// <summary>The value of a word of the ready line.</summary>
    public string Word(string name) => ReadyLine.Split(' ').Single(word => word.StartsWith(name + "=", StringComparison.Ordinal))[(name.Length + 1)..];

    /// <summary>SIGKILL: no handler runs.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync().WaitAsync(Patience);
    }

    /// <summary>SIGTERM, and nothing more: the caller waits with <see cref="EndAsync"/>.</summary>
    public void Terminate()
    {
        Skip.If(OperatingSystem.IsWindows(), "needs POSIX signals");
        Assert.Equal(0, Kill(_process.Id, SigTerm));
    }

    /// <summary>Waits for the end; answers with the exit code.</summary>
    public async Task<int> EndAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Patience);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        Api?.Dispose();
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended.
        }

        await _process.WaitForExitAsync().WaitAsync(Patience);
        _process.Dispose();
    }

    private static ProcessStartInfo StartInfo(string data, string[] arguments) => ProgramRun.StartInfo(["up", "--data", data, "--http", "0", "--grpc", "0", .. arguments]);

    private static ServerProcess Launch(ProcessStartInfo start)
    {
        var server = new ServerProcess(new Process { StartInfo = start });
        server._process.OutputDataReceived += (_, line) => server.Heard(line.Data, isOutput: true);
        server._process.ErrorDataReceived += (_, line) => server.Heard(line.Data, isOutput: false);
        server._process.Start();
        server._process.BeginOutputReadLine();
        server._process.BeginErrorReadLine();
        return server;
    }

    /// <summary>Waits for the ready line; false: the process has ended without it.</summary>
    private async Task<bool> IsReadyAsync()
    {
        var ended = _process.WaitForExitAsync();
        try
        {
            await Task.WhenAny(_ready.Task, ended).WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"The server was not ready within {Patience}: {Said}");
        }

        if (!_ready.Task.IsCompleted)
        {
            await ended;
            return false;
        }

        StartedIn = _launched.Elapsed;
        Address = new Uri($"http://{Word("http")}/");
        Api = new Api(Address);
        return true;
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int process, int signal);

    private void Heard(string? line, bool isOutput)
    {
        if (line is null)
            return;
        lock (_said)
        {
            _said.AppendLine(line);
            if (isOutput)
                _output.Add(line);
        }

        if (isOutput && line.StartsWith("ready ", StringComparison.Ordinal))
            _ready.TrySetResult(line);
    }
}

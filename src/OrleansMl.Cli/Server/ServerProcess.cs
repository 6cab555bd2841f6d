using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using OrleansMl.Cli.CommandLine;

namespace OrleansMl.Cli.Server;

/// <summary>
/// A server in a child process. It ends with this one: it is told to (SIGTERM), and its standard input closes when this
/// process dies in whatever way (see <see cref="StandardInputWatch"/>).
/// </summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private const int SigTerm = 15;

    /// <summary>Calls in flight may take 30 seconds to finish.</summary>
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(35);

    private readonly Process _process;
    private readonly StreamWriter _log;
    private readonly Lock _logLock = new();
    private readonly Queue<string> _lastLines = new();
    private readonly TaskCompletionSource<ReadyLine> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ServerProcess(Process process, StreamWriter log)
    {
        (_process, _log) = (process, log);
    }

    /// <summary>What it said when it was ready.</summary>
    public ReadyLine Ready => _ready.Task.Result;

    /// <summary>Id of the process.</summary>
    public int Id => _process.Id;

    /// <summary>This very program with other arguments.</summary>
    public static ProcessStartInfo SameProgram(params IEnumerable<string> arguments)
    {
        var program = Environment.ProcessPath ?? throw CommandException.Failed("The path of this program is not known, so it cannot start a server; start one with 'up' and use --url URL.");
        var start = new ProcessStartInfo(program);
        if (Path.GetFileNameWithoutExtension(program).Equals("dotnet", StringComparison.OrdinalIgnoreCase))
            start.ArgumentList.Add(typeof(ServerProcess).Assembly.Location);
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        return start;
    }

    /// <summary>Starts a server and waits until it says that it is ready.</summary>
    /// <param name="start">Program and arguments.</param>
    /// <param name="logFile">Gets what the server says.</param>
    /// <param name="patience">How long to wait.</param>
    /// <param name="cancellationToken">Gives up, and ends the server.</param>
    /// <exception cref="CommandException">It ended, or was not ready in time; the text has its last lines.</exception>
    public static async Task<ServerProcess> StartAsync(ProcessStartInfo start, string logFile, TimeSpan patience, CancellationToken cancellationToken)
    {
        start.UseShellExecute = false;
        (start.RedirectStandardInput, start.RedirectStandardOutput, start.RedirectStandardError) = (true, true, true);
        start.Environment[StandardInputWatch.Variable] = "1";

        // Its data folder is thrown away or looked at afterwards: what is acknowledged survives a kill of the process, and
        // a power cut would end the replay anyway. A server for production keeps the default, which waits for the disk.
        start.Environment.TryAdd("Storage__Durability", "Process");
        var process = new Process { StartInfo = start, EnableRaisingEvents = true };
        var server = new ServerProcess(process, new StreamWriter(logFile) { AutoFlush = true });
        process.OutputDataReceived += (_, line) => server.Heard(line.Data, output: true);
        process.ErrorDataReceived += (_, line) => server.Heard(line.Data, output: false);
        try
        {
            process.Start();
        }
        catch (Win32Exception fault)
        {
            await server._log.DisposeAsync().ConfigureAwait(false);
            throw CommandException.Failed($"The server '{start.FileName}' cannot be started: {fault.Message}");
        }

        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            var exit = process.WaitForExitAsync(cancellationToken);
            await Task.WhenAny(server._ready.Task, exit).WaitAsync(patience, cancellationToken).ConfigureAwait(false);
            if (!server._ready.Task.IsCompleted)
            {
                await exit.ConfigureAwait(false);
                throw new CommandException(
                    process.ExitCode is ExitCode.Invalid or ExitCode.PrerequisiteMissing ? process.ExitCode : ExitCode.Failed,
                    $"The server ended with exit code {process.ExitCode} before it was ready. {server.LastLines()}");
            }

            return server;
        }
        catch (TimeoutException)
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw CommandException.Failed($"The server was not ready within {patience.TotalSeconds:0} seconds. {server.LastLines()}");
        }
        catch
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Asks the server to end, waits for it, and ends it by force if it does not.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> StopAsync()
    {
        if (!_process.HasExited)
        {
            if (!OperatingSystem.IsWindows())
                _ = Kill(_process.Id, SigTerm);
            CloseInput();
            try
            {
                using var patience = new CancellationTokenSource(StopPatience);
                await _process.WaitForExitAsync(patience.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                _process.Kill(entireProcessTree: true);
                await _process.WaitForExitAsync().ConfigureAwait(false);
            }
        }

        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        _process.Dispose();
        lock (_logLock)
            _log.Dispose();
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int process, int signal);

    private void CloseInput()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The other end is gone already.
        }
    }

    private void Heard(string? line, bool output)
    {
        if (line is null)
            return;
        if (output && ReadyLine.TryParse(line, out var ready))
            _ready.TrySetResult(ready);
        lock (_logLock)
        {
            if (_log.BaseStream is null)
                return;
            _log.WriteLine(line);
            _lastLines.Enqueue(line);
            if (_lastLines.Count > 12)
                _lastLines.Dequeue();
        }
    }

    private string LastLines()
    {
        lock (_logLock)
            return _lastLines.Count == 0 ? "It said nothing." : $"Its last lines:\n  {string.Join("\n  ", _lastLines)}";
    }
}

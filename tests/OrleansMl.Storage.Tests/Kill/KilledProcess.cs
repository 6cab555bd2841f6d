using System.Diagnostics;
using System.Globalization;
using OrleansMl.Storage.Embedded;
using OrleansMl.Storage.KillTarget;

namespace OrleansMl.Storage.Tests.Kill;

/// <summary>A process that writes until it is killed, and what it said was acknowledged.</summary>
internal sealed class KilledProcess : IDisposable
{
    private readonly Process _process;
    private readonly Task<string> _errors;
    private readonly Task<List<string>> _lines;
    private readonly TaskCompletionSource _firstLine = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public KilledProcess(string dataFolder, int round, StoreDurability durability)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in (string[])["exec", typeof(Workload).Assembly.Location, dataFolder, round.ToString(CultureInfo.InvariantCulture), durability.ToString()])
            start.ArgumentList.Add(argument);
        _process = Process.Start(start)!;
        _errors = _process.StandardError.ReadToEndAsync();
        _lines = Task.Run(ReadAsync);
    }

    public int Id => _process.Id;

    public async Task WaitForFirstAcknowledgmentAsync()
    {
        await Task.WhenAny(_firstLine.Task, _errors, Task.Delay(TimeSpan.FromSeconds(30)));
        if (!_firstLine.Task.IsCompleted)
            Assert.Fail($"The process acknowledged nothing: {(_errors.IsCompleted ? await _errors : "no error either")}");
    }

    /// <summary>Sends SIGKILL and gives back all lines that were written in full.</summary>
    public async Task<List<string>> KillAsync()
    {
        Assert.False(_process.HasExited, "The process ended by itself: " + (_process.HasExited ? await _errors : ""));
        _process.Kill();
        await _process.WaitForExitAsync();
        return await _lines;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    private async Task<List<string>> ReadAsync()
    {
        var text = new System.Text.StringBuilder();
        var buffer = new char[16_384];
        int count;
        while ((count = await _process.StandardOutput.ReadAsync(buffer)) > 0)
        {
            text.Append(buffer, 0, count);
            _firstLine.TrySetResult();
        }

        // What follows the last line's end was cut off by the kill.
        var lines = text.ToString().Split('\n');
        return [.. lines[..^1]];
    }
}

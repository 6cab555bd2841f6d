using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Confluent.Kafka;

namespace OrleansMl.Streams.Tests.Support;

/// <summary>
/// A real broker in a folder of its own, for the whole test assembly, with a plain listener and one that asks for a password.
/// Its files are looked for in <c>ORLEANSML_KAFKA</c>, else in <c>../shared/kafka</c> beside the repository; where they or Java
/// are absent, what needs it is skipped.
/// </summary>
public sealed class KafkaBroker : IAsyncLifetime
{
    public const string User = "oml";
    public const string Password = "a \"quoted\" secret";

    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"oml-kafka-{Guid.NewGuid():n}");
    private readonly string? _scripts = FindScripts();
    private readonly int _saslPort = FreePort();
    private readonly int _controllerPort = FreePort();
    private readonly int _port = FreePort();
    private Process? _guard;
    private string _whyNot = "";

    public string Address => $"127.0.0.1:{_port}";

    public string SaslAddress => $"127.0.0.1:{_saslPort}";

    /// <summary>Skips the test where there is no broker.</summary>
    public void Require() => Skip.If(_whyNot.Length > 0, _whyNot);

    public async Task InitializeAsync()
    {
        if (_scripts is null)
        {
            _whyNot = "There is no Kafka broker: set ORLEANSML_KAFKA to a folder with start.sh and stop.sh.";
            return;
        }

        // A test run that is killed must not leave its broker behind.
        var guard = new ProcessStartInfo("/bin/sh") { ArgumentList = { "-c", "tail --pid=\"$1\" -f /dev/null; \"$2\" \"$3\" --kill; rm -rf \"$3\"", "guard", Environment.ProcessId.ToString(CultureInfo.InvariantCulture), Script("stop.sh"), _folder } };
        _guard = Process.Start(guard);

        try
        {
            await StartAsync();
        }
        catch (InvalidOperationException exception)
        {
            _whyNot = $"The Kafka broker did not start: {exception.Message}";
            return;
        }
    }

    public async Task StartAsync() => await RunAsync("start.sh", _folder, _port.ToString(CultureInfo.InvariantCulture));

    /// <summary>A test's topics; without this every restart of the broker would recover those of all tests before.</summary>
    public async Task DeleteTopicsAsync(string prefix)
    {
        if (_whyNot.Length > 0)
            return;
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = Address }).Build();
        var topics = admin.GetMetadata(TimeSpan.FromSeconds(10)).Topics.Select(t => t.Topic).Where(t => t.StartsWith(prefix, StringComparison.Ordinal)).ToList();
        if (topics.Count > 0)
            await admin.DeleteTopicsAsync(topics, new() { RequestTimeout = TimeSpan.FromMinutes(1) });
    }

    /// <summary>As a crash would: no file is closed, no client is told.</summary>
    public async Task KillAsync() => await RunAsync("stop.sh", _folder, "--kill");

    public async Task DisposeAsync()
    {
        if (_guard is not null)
        {
            _guard.Kill(entireProcessTree: true);
            _guard.Dispose();
        }

        if (_scripts is not null && Directory.Exists(_folder))
        {
            await RunAsync("stop.sh", _folder, "--kill");
            Directory.Delete(_folder, recursive: true);
        }
    }

    private string Script(string name) => Path.Combine(_scripts!, name);

    private async Task RunAsync(string script, params string[] arguments)
    {
        var start = new ProcessStartInfo(Script(script)) { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        start.Environment["KAFKA_HEAP"] = "384m";
        start.Environment["KAFKA_WAIT_S"] = "120";
        start.Environment["KAFKA_EXTRA"] = $"""
            controller.quorum.voters=1@127.0.0.1:{_controllerPort}
            listeners=PLAINTEXT://127.0.0.1:{_port},SASL_PLAINTEXT://127.0.0.1:{_saslPort},CONTROLLER://127.0.0.1:{_controllerPort}
            advertised.listeners=PLAINTEXT://127.0.0.1:{_port},SASL_PLAINTEXT://127.0.0.1:{_saslPort}
            listener.security.protocol.map=PLAINTEXT:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT
            sasl.enabled.mechanisms=PLAIN
            log.segment.delete.delay.ms=100
            listener.name.sasl_plaintext.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_{User}="{Password.Replace("\"", "\\\\\"", StringComparison.Ordinal)}";
            """;
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{script} could not be run.");
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        await output;
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{script} ended with {process.ExitCode}: {await errors}");
    }

    private static string? FindScripts()
    {
        var folder = Environment.GetEnvironmentVariable("ORLEANSML_KAFKA");
        if (string.IsNullOrEmpty(folder))
        {
            var root = new DirectoryInfo(AppContext.BaseDirectory);
            while (root is not null && !File.Exists(Path.Combine(root.FullName, "OrleansMl.sln")))
                root = root.Parent;
            folder = root is null ? "" : Path.Combine(root.FullName, "..", "shared", "kafka");
        }

        return File.Exists(Path.Combine(folder, "start.sh")) && File.Exists(Path.Combine(folder, "stop.sh")) ? Path.GetFullPath(folder) : null;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

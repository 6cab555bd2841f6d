using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OrleansMl.Declaration;
using OrleansMl.Gateway;
using OrleansMl.Services;
using OrleansMl.Storage.Embedded;

namespace OrleansMl.Silo;

/// <summary>Runs one silo and its gateway until it is told to stop.</summary>
public static class SiloProgram
{
    private static readonly TimeSpan ReadyTimeout = TimeSpan.FromSeconds(60);

    /// <returns>Exit code: 0 stopped, 1 failed, 2 invalid file or usage.</returns>
    public static async Task<int> RunAsync(UpOptions options, CancellationToken cancellationToken = default)
    {
        try
        {
            var (app, settings) = SiloHost.Build(options);
            await using var disposal = app;

            // The file is read before anything starts: a mistake in it must not cost a start.
            var source = settings.App is { } file ? await ReadApplicationAsync(file, cancellationToken) : null;
            await app.StartAsync(cancellationToken);
            try
            {
                // A signal during the preparation ends it.
                using var starting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, app.Lifetime.ApplicationStopping);
                await PrepareAsync(app, settings, source, starting.Token);
                Console.Out.WriteLine(ReadyLine(app, settings));
                Console.Out.Flush();
                await app.WaitForShutdownAsync(cancellationToken);
            }
            finally
            {
                await app.StopAsync(CancellationToken.None);
            }

            return 0;
        }
        catch (OperationCanceledException)
        {
            // Told to stop before it was ready.
            return 0;
        }
        catch (Exception exception) when (Explain(exception) is { } explained)
        {
            await Console.Error.WriteLineAsync($"oml: {explained.Message}");
            return explained.ExitCode;
        }
    }

    private static async Task PrepareAsync(WebApplication app, SiloSettings settings, string? source, CancellationToken cancellationToken)
    {
        var control = app.Services.GetRequiredService<IControlService>();
        if (settings.Models is { } models)
        {
            if (!Directory.Exists(models))
                throw new StartupException($"There is no models folder '{models}'.", 2);
            if (await app.Services.GetRequiredService<IModelRepositoryService>().LoadFolderAsync(cancellationToken) is { } error)
                throw new StartupException($"{models}: {error.Detail}", 2);
        }

        if (source is not null)
        {
            var applied = await control.ApplyAsync(new ApplyRequest(source), cancellationToken);
            if (applied.Error is { } error)
                throw new StartupException($"{settings.App}: {error.Detail}", error.Status == 400 ? 2 : 1);
        }

        var deadline = TimeProvider.System.GetTimestamp();
        while (control.WhyNotReady() is { } why)
        {
            if (TimeProvider.System.GetElapsedTime(deadline) > ReadyTimeout)
                throw new StartupException($"Not ready within {ReadyTimeout.TotalSeconds} s: {why}", 1);
            await Task.Delay(10, cancellationToken);
        }
    }

    private static string ReadyLine(WebApplication app, SiloSettings settings)
    {
        // In the order in which they were asked for.
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Select(a => new Uri(a).Authority).ToArray();
        return $"ready http={addresses[0]} grpc={addresses[1]} engine={EngineInfo.Name} data={settings.Data}";
    }

    private static async Task<string> ReadApplicationAsync(string file, CancellationToken cancellationToken)
    {
        if (!File.Exists(file))
            throw new StartupException($"There is no application file '{file}'.", 2);
        var source = await File.ReadAllTextAsync(file, cancellationToken);
        var read = ApplicationReader.Read(source);
        return read.Definition is not null
            ? source
            : throw new StartupException(string.Join(Environment.NewLine, read.Faults.Select(f => $"{file}:{f.Line}:{f.Column}: {f.Detail}")), 2);
    }

    /// <summary>What the operator is told; null for what nobody expected, which keeps its stack trace.</summary>
    private static StartupException? Explain(Exception? exception) => exception switch
    {
        null => null,
        StartupException startup => startup,
        StoreLockedException or StoreSchemaException or StoreException => new StartupException(exception.Message, 1),
        GatewayConfigurationException => new StartupException(exception.Message, 2),
        CryptographicException => new StartupException($"The certificate of Kestrel:Certificates:Default cannot be used: {exception.Message} Check its file and its Password.", 2),
        IOException { InnerException: Microsoft.AspNetCore.Connections.AddressInUseException } => new StartupException($"{exception.Message} Choose another port with --http or --grpc, or 0 for a free one.", 1),
        AggregateException aggregate => aggregate.InnerExceptions.Select(Explain).FirstOrDefault(e => e is not null),
        _ => Explain(exception.InnerException),
    };
}

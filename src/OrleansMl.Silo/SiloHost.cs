using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using OrleansMl.Gateway;
using OrleansMl.Services;

namespace OrleansMl.Silo;

/// <summary>Builds the host of one silo and its gateway.</summary>
public static class SiloHost
{
    /// <summary>Calls in flight get this long at a shutdown.</summary>
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(30);

    /// <exception cref="StartupException">Configuration or data folder cannot be used.</exception>
    internal static (WebApplication App, SiloSettings Settings) Build(UpOptions options)
    {
        var builder = WebApplication.CreateSlimBuilder();
        if (options.Config is { } config)
            AddConfiguration(builder.Configuration, config);
        var settings = SiloSettings.Resolve(options, builder.Configuration);

        // Standard output carries the one line that says ready; everything else goes to standard error.
        builder.Logging.ClearProviders();
        builder.Logging.AddSimpleConsole(console => console.SingleLine = true);
        builder.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Logging.AddFilter("OrleansMl", LogLevel.Information);

        // It recommends settings for a dedicated server, which a silo beside others on a developer's machine is not.
        builder.Logging.AddFilter("Orleans.Runtime.Silo", LogLevel.Error);
        builder.Logging.AddFilter("Orleans.Runtime.Watchdog", LogLevel.Error);
        builder.Logging.AddConfiguration(builder.Configuration.GetSection("Logging"));

        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTimeout);
        var certificate = builder.Configuration.GetSection("Kestrel:Certificates:Default");
        var isSecure = certificate.Exists();
        if (certificate["Path"] is { } file && !File.Exists(file))
            throw new StartupException($"There is no certificate file '{file}' (Kestrel:Certificates:Default:Path).", 2);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(settings.Bind, settings.HttpPort, listen => Serve(listen, isSecure ? HttpProtocols.Http1AndHttp2 : HttpProtocols.Http1, isSecure));
            kestrel.Listen(settings.Bind, settings.GrpcPort, listen => Serve(listen, HttpProtocols.Http2, isSecure));
        });
        // The certificate is the one of Kestrel's configuration, which knows files, stores and passwords.
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.UseOrleans(silo => ConfigureSilo(silo, settings));
        builder.Services.Configure<ModelRepositoryOptions>(repository =>
        {
            repository.Folder = settings.Models;
            repository.IsConfigLenient = settings.IsConfigLenient;
        });
        builder.Services.AddOrleansMlGrpc();
        builder.Services.AddOrleansMlGateway(gateway =>
        {
            builder.Configuration.GetSection("Gateway").Bind(gateway);
            gateway.Engine = EngineInfo.Name;
            foreach (var (package, version) in EngineInfo.Packages)
                gateway.Packages[package] = version;
        });

        var app = builder.Build();
        var gatewayOptions = app.Services.GetRequiredService<IOptions<Gateway.GatewayOptions>>().Value;
        gatewayOptions.Validate(settings.Bind);
        gatewayOptions.Silos = () => [app.Services.GetRequiredService<ILocalSiloDetails>().SiloAddress.ToString()];
        app.MapOrleansMl();
        app.MapOrleansMlGrpc();
        return (app, settings);
    }

    private static void Serve(ListenOptions listen, HttpProtocols protocols, bool isSecure)
    {
        listen.Protocols = protocols;
        if (isSecure)
            listen.UseHttps();
    }

    private static void ConfigureSilo(ISiloBuilder silo, SiloSettings settings)
    {
        silo.UseLocalhostClustering(FreePort(settings.SiloPort), settings.GatewayPort);
        silo.Configure<ClusterOptions>(cluster =>
        {
            cluster.ClusterId = settings.ClusterId;
            cluster.ServiceId = settings.ServiceId;
        });
        silo.AddReminders();
        silo.AddEmbeddedStore(store =>
        {
            store.DataFolder = settings.Data;
            store.Durability = settings.Durability;
        });
        settings.Streams.Apply(silo);
        silo.Services.Configure(settings.Serving);
        silo.Services.Configure(settings.Jobs);
        silo.AddOrleansMl();
    }

    private static void AddConfiguration(ConfigurationManager configuration, string file)
    {
        if (!File.Exists(file))
            throw new StartupException($"There is no configuration file '{file}'.", 2);
        try
        {
            configuration.AddJsonFile(Path.GetFullPath(file), optional: false);
        }
        catch (InvalidDataException exception)
        {
            throw new StartupException($"{file} is not valid JSON: {exception.InnerException?.Message ?? exception.Message}", 2);
        }
    }

    /// <summary>The port given, or one that is free now.</summary>
    private static int FreePort(int port)
    {
        if (port != 0)
            return port;
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)probe.LocalEndPoint!).Port;
    }
}

using System.Net;
using System.Text;
using System.Text.Json;
using Grpc.AspNetCore.Server;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansMl.Datasets;
using OrleansMl.Evaluations;
using OrleansMl.Inference;
using OrleansMl.Jobs;
using OrleansMl.Monitoring;
using OrleansMl.Retraining;
using OrleansMl.Retraining.Schedules;
using OrleansMl.Services;
using OrleansMl.Streams;

namespace OrleansMl.Gateway.Tests;

/// <summary>The gateway on a real Kestrel at a free loopback port, over fakes. In the Development environment, whose exception page must not leak through.</summary>
internal sealed class GatewayHost : IAsyncDisposable
{
    private readonly RecordedLog _log = new();
    private WebApplication _app = null!;

    private GatewayHost()
    {
    }

    public FakeIngest Ingest { get; } = new();

    public FakePredictions Predictions { get; } = new();

    public FakeInference Inference { get; } = new();

    public FakeControl Control { get; } = new();

    public FakeStreams Streams { get; } = new();

    public FakeJobs Jobs { get; } = new();

    public FakeMonitoring Monitoring { get; } = new();

    public FakeDatasets Datasets { get; } = new();

    public FakeEvaluations Evaluations { get; } = new();

    public FakeRepository Repository { get; } = new();

    public ManualTime Clock { get; } = new();

    public HttpClient Client { get; private set; } = null!;

    public Uri Address { get; private set; } = null!;

    public Uri GrpcAddress { get; private set; } = null!;

    /// <summary>The routes of HTTP; gRPC describes itself by its proto files.</summary>
    public IEnumerable<RouteEndpoint> Endpoints => _app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().Where(e => e.Metadata.GetMetadata<GrpcMethodMetadata>() is null && !e.DisplayName!.StartsWith("gRPC", StringComparison.Ordinal));

    /// <summary>Named values of what was logged in a category.</summary>
    public IReadOnlyList<IReadOnlyDictionary<string, object?>> Logged(string category) => _log.Of(category);

    public static async Task<GatewayHost> StartAsync(Action<GatewayOptions>? configure = null)
    {
        var host = new GatewayHost();
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = Environments.Development });
        builder.Logging.ClearProviders();
        builder.Logging.AddProvider(host._log);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
        });
        builder.Services.AddSingleton<IIngestService>(host.Ingest);
        builder.Services.AddSingleton<IPredictionService>(host.Predictions);
        builder.Services.AddSingleton<IInferenceService>(host.Inference);
        builder.Services.AddSingleton<IControlService>(host.Control);
        builder.Services.AddSingleton<IModelRepositoryService>(host.Repository);
        builder.Services.AddSingleton<IStreamService>(host.Streams);
        builder.Services.AddSingleton<IJobService>(host.Jobs);
        builder.Services.AddSingleton<IMonitoringService>(host.Monitoring);
        builder.Services.AddSingleton<IRetrainScheduleService>(new FakeRetraining());
        builder.Services.AddSingleton<IDatasetService>(host.Datasets);
        builder.Services.AddSingleton<IEvaluationService>(host.Evaluations);
        builder.Services.AddSingleton<ILineageService, FakeLineages>();
        builder.Services.AddSingleton<TimeProvider>(host.Clock);
        builder.Services.AddOrleansMlGrpc();
        builder.Services.AddOrleansMlGateway(configure ?? (_ => { }));
        var app = builder.Build();
        host._app = app;
        app.MapOrleansMl();
        app.MapOrleansMlGrpc();
        await app.StartAsync();
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Select(a => new Uri(a)).ToArray();
        (host.Address, host.GrpcAddress) = (addresses[0], addresses[1]);
        host.Client = new HttpClient { BaseAddress = host.Address, Timeout = TimeSpan.FromSeconds(60) };
        return host;
    }

    /// <summary>Sends a request; a null content type sends no header.</summary>
    public async Task<Answer> SendAsync(string method, string path, string? body = null, string? contentType = "application/json", params (string Name, string Value)[] headers)
        => await SendAsync(method, path, body is null ? null : Encoding.UTF8.GetBytes(body), contentType, headers);

    public async Task<Answer> SendAsync(string method, string path, byte[]? body, string? contentType, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(Address, path));
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            if (contentType is not null)
                request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        }

        foreach (var (name, value) in headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
                request.Content!.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await Client.SendAsync(request);
        return new Answer((int)response.StatusCode, response.Content.Headers.ContentType?.MediaType, await response.Content.ReadAsStringAsync(),
            response.Headers.Concat(response.Content.Headers).ToDictionary(header => header.Key, header => string.Join(",", header.Value), StringComparer.OrdinalIgnoreCase))
        { Bytes = await response.Content.ReadAsByteArrayAsync() };
    }

    public Task<Answer> GetAsync(string path, params (string Name, string Value)[] headers) => SendAsync("GET", path, (byte[]?)null, null, headers);

    public Task<Answer> PostAsync(string path, string body, params (string Name, string Value)[] headers) => SendAsync("POST", path, body, "application/json", headers);

    public Task<Answer> PostLinesAsync(string path, params string[] lines) => SendAsync("POST", path, string.Join('\n', lines), "application/x-ndjson");

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}

/// <summary>An answer as it came over the wire.</summary>
internal sealed record Answer(int Status, string? ContentType, string Body, IReadOnlyDictionary<string, string> Headers)
{
    private JsonElement? _json;

    public byte[] Bytes { get; init; } = [];

    public JsonElement Json => _json ??= JsonDocument.Parse(Body).RootElement;

    public JsonElement this[string member] => Json.GetProperty(member);

    public string? Code => this["code"].GetString();

    public JsonElement Fault(int index = 0) => this["errors"][index];
}

/// <summary>A clock that moves when told.</summary>
internal sealed class ManualTime : TimeProvider
{
    private long _ticks = Samples.Time.Ticks;

    public override DateTimeOffset GetUtcNow() => new(Interlocked.Read(ref _ticks), TimeSpan.Zero);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Interlocked.Read(ref _ticks);

    public void Advance(TimeSpan by) => Interlocked.Add(ref _ticks, by.Ticks);
}

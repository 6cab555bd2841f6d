using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace OrleansMl.Cli.Tests;

/// <summary>A server on a free loopback port that records each request in order and answers as the test says.</summary>
internal sealed class FakeServer : IAsyncDisposable
{
    private readonly WebApplication _application;

    private FakeServer(WebApplication application)
    {
        _application = application;
    }

    public ConcurrentQueue<RecordedCall> Calls { get; } = new();

    public Uri Address { get; private set; } = null!;

    public static async Task<FakeServer> StartAsync(Func<RecordedCall, FakeAnswer> answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = new FakeServer(builder.Build());
        server._application.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            var length = context.Request.Headers.TryGetValue("Inference-Header-Content-Length", out var text) ? int.Parse(text!, CultureInfo.InvariantCulture) : (int?)null;
            var call = new RecordedCall(context.Request.Method, context.Request.Path + context.Request.QueryString, context.Request.ContentType, body.ToArray(), length, context.Connection.Id);
            server.Calls.Enqueue(call);
            var reply = answer(call);
            context.Response.StatusCode = reply.Status;
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(reply.Body);
        });
        await server._application.StartAsync();
        var addresses = server._application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        server.Address = new Uri(addresses.Single());
        return server;
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();
}

internal sealed record FakeAnswer(int Status, string Body);

internal sealed record RecordedCall(string Method, string Path, string? ContentType, byte[] Body, int? HeaderLength, string Connection)
{
    public string Text => Encoding.UTF8.GetString(Body);

    public JsonElement Json => JsonDocument.Parse(Body.AsMemory(0, HeaderLength ?? Body.Length)).RootElement;
}

using System.Diagnostics;
using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.ML.OnnxRuntime;

namespace OrleansMl.Benchmarks;

/// <summary>
/// What a good engineer writes in an hour: parse the JSON with generated code, call ONNX Runtime with the same settings, write
/// the JSON. No limits, no versions, no errors, no metrics.
/// </summary>
internal static class BaselineServer
{
    /// <param name="model">File with input x and output y.</param>
    /// <param name="isTimed">Count where the time goes, for <c>GET /stats</c>.</param>
    public static async Task<int> RunAsync(string model, bool isTimed = false)
    {
        using var options = PlainOnnx.Options(threads: 1);
        using var session = new InferenceSession(model, options);
        using var runOptions = new RunOptions();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, 0);
        });
        var app = builder.Build();
        var times = isTimed ? new Times() : null;
        if (times is not null)
        {
            app.Use(next => async context =>
            {
                var start = Stopwatch.GetTimestamp();
                await next(context);
                times.Request(Stopwatch.GetTimestamp() - start);
            });
            app.MapGet("/stats", () => Results.Text(times.ToString()));
        }

        app.MapPost("/v2/models/bench/infer", async context =>
        {
            var request = (await JsonSerializer.DeserializeAsync(context.Request.BodyReader, BaselineJson.Default.BaselineRequest, context.RequestAborted))!;
            var answer = Infer(request);
            await context.Response.WriteAsJsonAsync(answer, BaselineJson.Default.BaselineAnswer);
        });
        await app.StartAsync();
        var address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        Console.Out.WriteLine($"ready http={address.Authority}");
        await app.WaitForShutdownAsync();
        return 0;

        BaselineAnswer Infer(BaselineRequest request)
        {
            var input = request.Inputs[0];
            using var tensor = OrtValue.CreateTensorValueFromMemory(input.Data, input.Shape);
            var start = times is null ? 0 : Stopwatch.GetTimestamp();
            using var outputs = session.Run(runOptions, ["x"], [tensor], ["y"]);
            times?.Ran(Stopwatch.GetTimestamp() - start);
            var shape = outputs[0].GetTensorTypeAndShape().Shape;
            return new BaselineAnswer("bench", "1", [new BaselineOutput("y", "FP32", shape, outputs[0].GetTensorDataAsSpan<float>().ToArray())]);
        }
    }

    private sealed class Times
    {
        private long _requests;
        private long _requestTicks;
        private long _runTicks;

        public void Request(long ticks)
        {
            Interlocked.Increment(ref _requests);
            Interlocked.Add(ref _requestTicks, ticks);
        }

        public void Ran(long ticks) => Interlocked.Add(ref _runTicks, ticks);

        public override string ToString() => FormattableString.Invariant(
            $"{_requests} {Stopwatch.GetElapsedTime(0, _requestTicks).TotalMicroseconds:R} {Stopwatch.GetElapsedTime(0, _runTicks).TotalMicroseconds:R} {GC.GetTotalAllocatedBytes()}");
    }
}

internal sealed record BaselineRequest(BaselineInput[] Inputs);

internal sealed record BaselineInput(string Name, long[] Shape, string Datatype, float[] Data);

internal sealed record BaselineAnswer(string ModelName, string ModelVersion, BaselineOutput[] Outputs);

internal sealed record BaselineOutput(string Name, string Datatype, long[] Shape, float[] Data);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(BaselineRequest))]
[JsonSerializable(typeof(BaselineAnswer))]
internal sealed partial class BaselineJson : JsonSerializerContext;

using System.Net;
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

/// <summary>What one writes in an afternoon: parse the JSON, call ONNX Runtime, write the JSON. No limits, no versions, no errors.</summary>
internal static class BaselineServer
{
    public static async Task<int> RunAsync(string model)
    {
        using var options = new Microsoft.ML.OnnxRuntime.SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1 };
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        using var session = new InferenceSession(model, options);
        using var runOptions = new RunOptions();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.MapPost("/v2/models/bench/infer", (Request request) =>
        {
            var input = request.Inputs[0];
            using var tensor = OrtValue.CreateTensorValueFromMemory(input.Data, input.Shape);
            using var outputs = session.Run(runOptions, ["x"], [tensor], ["y"]);
            var shape = outputs[0].GetTensorTypeAndShape().Shape;
            return Results.Json(new Response("bench", "1", [new Output("y", "FP32", shape, outputs[0].GetTensorDataAsSpan<float>().ToArray())]));
        });
        await app.StartAsync();
        var address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        Console.Out.WriteLine($"ready http={address.Authority}");
        await app.WaitForShutdownAsync();
        return 0;
    }

    internal sealed record Request(Input[] Inputs);

    internal sealed record Input(string Name, long[] Shape, string Datatype, float[] Data);

    internal sealed record Response(string Model_name, string Model_version, Output[] Outputs);

    internal sealed record Output(string Name, string Datatype, long[] Shape, float[] Data);
}

using OrleansMl.Benchmarks;

// bench predict [--pairs N] [--seconds S] [--connections C] | bench parts [filter] | serve-baseline MODEL.onnx | serve-oml FOLDER
return args switch
{
    ["serve-baseline", var model] => await BaselineServer.RunAsync(model),
    ["serve-oml", var models, var data] => await OrleansMl.Silo.SiloProgram.RunAsync(new OrleansMl.Silo.UpOptions { Data = data, HttpPort = 0, GrpcPort = 0, Models = models }),
    ["predict", .. var rest] => await PredictBenchmark.RunAsync(rest),
    ["parts", .. var rest] => PartBenchmarks.Run(rest),
    [] or ["help"] => Usage(0),
    _ => Usage(2),
};

static int Usage(int code)
{
    Console.Error.WriteLine("""
        usage: ./orleansml bench NAME
          predict   one row through /v2 against a minimal ASP.NET endpoint that parses the same JSON and calls ONNX Runtime
                    [--pairs 7] [--seconds 2] [--connections 4]
          parts     fold, pipeline, learner, export (BenchmarkDotNet) [filter]
        results: bench/results/NAME.json
        """);
    return code;
}

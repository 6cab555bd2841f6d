using OrleansMl.Benchmarks;
using OrleansMl.Benchmarks.Infer;
using OrleansMl.Benchmarks.Retrain;

// bench predict|infer|ingest|ingest-memory|kafka|gpu|learners|trees|heads|live|retrain [options] | bench parts [filter] | serve-baseline MODEL.onnx [timed] | serve-oml MODELS DATA [CONFIGURATION] | serve-app APPLICATION CONFIGURATION DATA
return args switch
{
    ["serve-baseline", var model] => await BaselineServer.RunAsync(model),
    ["serve-baseline", var model, "timed"] => await BaselineServer.RunAsync(model, isTimed: true),
    ["serve-oml", var models, var data] => await OrleansMl.Silo.SiloProgram.RunAsync(new OrleansMl.Silo.UpOptions { Data = data, HttpPort = 0, GrpcPort = 0, Models = models }),
    ["serve-oml", var models, var data, var config] => await OrleansMl.Silo.SiloProgram.RunAsync(new OrleansMl.Silo.UpOptions { Config = config, Data = data, HttpPort = 0, GrpcPort = 0, Models = models }),
    ["serve-app", var app, var config, var data] => await OrleansMl.Silo.SiloProgram.RunAsync(new OrleansMl.Silo.UpOptions { App = app, Config = config, Data = data, HttpPort = 0, GrpcPort = 0 }),
    ["ingest", .. var rest] => await IngestBenchmark.RunAsync(rest),
    ["ingest-memory", .. var rest] => await IngestFromMemory.RunAsync(rest),
    ["kafka", .. var rest] => await KafkaBenchmark.RunAsync(rest),
    ["infer", .. var rest] => await InferBenchmark.RunAsync(rest),
    ["gpu", .. var rest] => await GpuBenchmark.RunAsync(rest),
    ["predict", .. var rest] => await PredictBenchmark.RunAsync(rest),
    ["parts", .. var rest] => PartBenchmarks.Run(rest),
    ["learners", .. var rest] => LearnerBenchmark.Run(rest),
    ["trees", .. var rest] => TreesBenchmark.Run(rest),
    ["heads", .. var rest] => HeadBenchmark.Run(rest),
    ["live", .. var rest] => await LiveBenchmark.RunAsync(rest),
    ["retrain", .. var rest] => await RetrainBenchmark.RunAsync(rest),
    [] or ["help"] => Usage(0),
    _ => Usage(2),
};

static int Usage(int code)
{
    Console.Error.WriteLine("""
        usage: ./orleansml bench NAME
          predict   one row through /v2 against a minimal ASP.NET endpoint that parses the same JSON and calls ONNX Runtime
                    [--pairs 7] [--seconds 2] [--connections 4]
          infer     the model server part by part: /v2 with JSON in a closed and an open loop against the same endpoint; its time
                    outside the runtime; binary tensors against JSON; batching against ONNX Runtime's best batch; hot swaps
                    under load; allocations of the batcher
                    [--part closed|open|overhead|binary|batching|swap|allocations] [--pairs 5] [--seconds 2]
          ingest    events over HTTP until they are durable and visible, against a bare loop that parses the same lines into SQLite;
                    then the time until a read shows an event, at half of that rate
                    [--pairs 5] [--events 50000] [--connections 4] [--seconds 15] [--durability power|process]
          ingest-memory  the same events from memory to the grains, without HTTP and JSON: what a stream could bring in
                    [--pairs 5] [--events 50000] [--connections 4] [--batch 500] [--durability power|process]
          kafka     the same events from a Kafka topic by the bulk path, against a bare consumer that only parses them; then the
                    time to catch up after a while away. Needs a broker: --broker HOST:PORT, or ORLEANSML_KAFKA
                    [--pairs 5] [--events 100000] [--away 60] [--durability power|process]
          gpu       a model on the CPU, by CUDA and by TensorRT, bound to the GPU's memory or not, by CUDA graphs or not, each against
                    plain ONNX Runtime on the same device; what cannot be had is named with the reason. GPUs need OmlGpu=true
                    [--network small|mlp|resnet|resnet-fp16] [--model FILE.onnx] [--rows 1] [--callers 1] [--gpu 0]
                    [--only cpu|cuda|tensorrt] [--pairs 7] [--milliseconds 400]
          parts     fold, pipeline, learner, export (BenchmarkDotNet) [filter]
          learners  updates and predictions a second on 30 hashed features, one thread [--passes 15]
          trees     fits of gradient_boosted_trees against scikit-learn's HistGradientBoosting on adult-census and on synthetic rows,
                    in turns; without a Python that has scikit-learn, ours alone
                    [--pairs 5] [--threads 2] [--rows 1000000]
          heads     rows a second through a network's trunk with its head learned behind it, against the trunk alone, in turns
                    [--pairs 9] [--rows 512]; MNIST networks from ORLEANSML_DATA, or shared/data beside the repository
          live      a live model over HTTP: from an outcome's acknowledgement to the first answer that carries it; then predictions while
                    it learns against the same load with the learner paused
                    [--rounds 300] [--rate 10] [--pairs 5] [--seconds 3] [--connections 4] [--outcomes 200]
          retrain   from rows to a registered version, step by step: of a data set that is sent (always first, since it makes the
                    champion), and of logged predictions with their truths; then predictions beside retrainings against the same
                    load without, in turns, by step. A ratio of a step's seconds is its share of the whole
                    [--part data|log|beside] [--rows 1000000] [--log 50000] [--beside 200000] [--pairs 3] [--seconds 10]
                    [--connections 2] [--threads 1] [--trainer TYPE or JSON]
        results: bench/results/NAME.json; of one part of infer or retrain: NAME-PART.json
        """);
    return code;
}

using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using OrleansMl.Declaration;
using OrleansMl.Features;
using OrleansMl.Learning;

namespace OrleansMl.Benchmarks;

/// <summary>The parts of the hot path, one by one.</summary>
internal static class PartBenchmarks
{
    public static int Run(string[] filter)
    {
        var config = DefaultConfig.Instance
            .AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance))
            .WithArtifactsPath(Path.Combine(Path.GetTempPath(), "oml-bench-parts"));
        var summary = BenchmarkRunner.Run<Parts>(config, filter.Length == 0 ? [] : ["--filter", $"*{filter[0]}*"]);
        var results = summary.Reports
            .Where(r => r.ResultStatistics is not null)
            .Select(r => new BenchResult(r.BenchmarkCase.Descriptor.WorkloadMethod.Name, r.ResultStatistics!.Mean, "ns", null, null, Silo.EngineInfo.Name))
            .ToArray();
        Console.WriteLine(BenchResults.Write("parts", results));
        return results.Length > 0 ? 0 : 1;
    }

    [MemoryDiagnoser]
    public class Parts
    {
        private readonly double[] _dense = new double[16];
        private EntityFold _fold = null!;
        private FeatureSelection _selection = null!;
        private FeatureRead[] _reads = null!;
        private FoldField[] _fields = null!;
        private ILearner _learner = null!;
        private DateTime _time = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        private long _sequence;

        [GlobalSetup]
        public void Setup()
        {
            var entity = new EntityDefinition { Name = "client" };
            var view = new ViewDefinition
            {
                Name = "now",
                Entity = "client",
                SourceKind = ViewSourceKind.Event,
                Source = "tick",
                Features =
                [
                    new FeatureDefinition { Name = "x", Aggregation = Aggregation.Last, Field = "x" },
                    new FeatureDefinition { Name = "n", Aggregation = Aggregation.Count, Window = TimeSpan.FromHours(1) },
                    new FeatureDefinition { Name = "mean", Aggregation = Aggregation.Mean, Field = "x", Window = TimeSpan.FromHours(24) },
                    new FeatureDefinition { Name = "max", Aggregation = Aggregation.Max, Field = "x", Window = TimeSpan.FromHours(24) },
                    new FeatureDefinition { Name = "sum", Aggregation = Aggregation.Sum, Field = "x", Window = TimeSpan.FromHours(6) },
                ],
            };
            var plan = FoldPlan.Compile(entity, [view]);
            _fold = new EntityFold(plan, "1");
            _selection = plan.All;
            _reads = new FeatureRead[_selection.Count];
            _fields = [new FoldField("x", FieldValue.Of(1.5))];
            for (var i = 0; i < 5000; i++)
                FoldApply();
            _learner = LearnerFactory.Create("logistic_regression", null, _dense.Length, 0, 1);
            for (var i = 0; i < _dense.Length; i++)
                _dense[i] = Math.Sin(i);
        }

        [Benchmark]
        public bool FoldApply()
        {
            _time += TimeSpan.FromSeconds(30);
            _sequence++;
            return _fold.Apply(new FoldRecord(_sequence, FoldRecordKind.Event, "tick", _time, _time, "e", _fields));
        }

        [Benchmark]
        public FeatureRead FoldReadFiveFeatures()
        {
            _fold.Read(_selection, _time, _reads);
            return _reads[0];
        }

        [Benchmark]
        public double LearnerPredict16() => _learner.PredictOne(_dense);

        [Benchmark]
        public void LearnerLearn16() => _learner.LearnOne(_dense, _sequence % 2);
    }
}

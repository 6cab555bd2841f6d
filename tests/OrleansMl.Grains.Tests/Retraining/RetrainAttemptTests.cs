using System.Collections.Immutable;
using System.Text.Json;
using OrleansMl.Jobs;
using OrleansMl.Retraining;
using OrleansMl.Storage;

namespace OrleansMl.Grains.Tests.Retraining;

/// <summary>Attempts of a retraining that are cut off, are over, are cancelled, or lose their process.</summary>
[Collection(LoopCollection.Name)]
public sealed class RetrainAttemptTests(LoopFixture loop)
{
    private const string LongTrainer = """{"type":"logistic_regression","params":{"epochs":1000}}""";

    private IJobService Jobs => loop.Get<IJobService>();

    private IJobRunner Runner => loop.Get<IEnumerable<IJobRunner>>().Single(runner => runner.Kind == "retrain");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Wherever_attempts_are_cut_off_the_next_goes_on_and_one_version_with_the_same_bytes_comes_of_it(bool lost)
    {
        var toy = new RetrainToy(loop);
        await toy.ApplyAsync();
        await toy.RetrainAsync(toy.Spec(dataset: await toy.UploadAsync(toy.Csv(120, 1, turned: true))));
        await toy.LabelAsync(200, 2);
        var spec = (await Runner.PrepareAsync(toy.Spec(), default)).Value;

        // Each attempt dies at its first checkpoint: before it is stored, and then once more when it is.
        var context = new CutContext(spec);
        var (steps, trainings) = (new List<string>(), 0);
        while (context.Result is null)
        {
            foreach (var isLost in lost ? new[] { true, false } : [false])
            {
                context.Begin(0, isLost);
                var died = await Record.ExceptionAsync(async () => context.Result = (await Runner.RunAsync(context)).Value);
                Assert.True(died is null or CutContext.Killed, died?.ToString());
                if (died is not null && !isLost)
                    steps.Add(context.LastStep);
            }

            trainings += context.Log.Count(line => line.Contains("is trained on", StringComparison.Ordinal));
            context.Log.Clear();
        }

        // The rows are saved twice: as a data set, and as the process reads them. A process that is ended after its fit may have
        // trained by then, and what it finished is taken over without a word.
        Assert.Equal(["extract", "extract", "validate", "fit", "evaluate", "register"], steps.Where(step => step != "train"));
        Assert.True(steps.Count(step => step == "train") <= 1, string.Join(", ", steps));
        Assert.True(trainings <= (lost ? 2 : 1), $"It was trained {trainings} times.");
        var result = JsonDocument.Parse(context.Result!).RootElement;
        Assert.Equal("promoted", result.GetProperty("decision").GetString());
        Assert.Equal([1, 2], (await toy.ModelAsync()).Versions.Select(v => v.Manifest.Version));
        Assert.Equal([1, 2], (await loop.Grains.GetGrain<IModelGrain>(toy.Name).GetPromotionsAsync()).Select(p => p.To));

        // The same rows in one attempt: the same bytes.
        var whole = new CutContext(spec with { Dataset = result.GetProperty("dataset").GetString(), Window = null });
        var at = JsonDocument.Parse((await Runner.RunAsync(whole)).Value).RootElement;
        Assert.Equal(result.GetProperty("digest").GetString(), at.GetProperty("digest").GetString());
        foreach (var job in new[] { context.JobId, whole.JobId })
        {
            Runner.CleanUp(job);
            Assert.Throws<FileNotFoundException>(() => loop.Store.Datasets.OpenScratch($"{job}.2.rows"));
        }
    }

    [Fact]
    public async Task An_attempt_that_is_over_registers_nothing()
    {
        var toy = new RetrainToy(loop);
        await toy.ApplyAsync();
        var spec = (await Runner.PrepareAsync(toy.Spec(dataset: await toy.UploadAsync(toy.Csv(120, 3))), default)).Value;
        var context = new CutContext(spec) { FencedAt = "evaluate" };
        await Assert.ThrowsAsync<JobFencedException>(() => Runner.RunAsync(context));
        Assert.Empty((await toy.ModelAsync()).Versions);
        Runner.CleanUp(context.JobId);
    }

    [Fact]
    public async Task A_training_that_is_cancelled_ends_at_once_and_nothing_of_it_stays()
    {
        var (toy, job) = await TrainingAsync(4);
        Assert.True((await Jobs.CancelAsync(job, default)).IsSuccess);
        Assert.Equal(JobState.Cancelled, (await toy.EndAsync(job)).State);
        await Eventually.IsAsync(() => Task.FromResult(TrainingProcesses.Of(job).Count == 0 ? null : "its process is there"), TimeSpan.FromSeconds(20));
        Assert.Empty((await toy.ModelAsync()).Versions);
        await Eventually.IsAsync(() => Task.FromResult(Record.Exception(() => loop.Store.Datasets.OpenScratch($"{job}.1.rows").Dispose()) is FileNotFoundException ? null : "its files are there"));
    }

    [Fact]
    public async Task A_process_that_dies_fails_the_job_and_says_so()
    {
        var (toy, job) = await TrainingAsync(5);
        foreach (var process in TrainingProcesses.Of(job))
            TrainingProcesses.Kill(process);
        var ended = await toy.EndAsync(job);
        Assert.Equal((JobState.Failed, "command_failed"), (ended.State, ended.Error!.Code));
        Assert.Contains("signal 9", ended.Error.Detail, StringComparison.Ordinal);
        Assert.Empty((await toy.ModelAsync()).Versions);
    }

    [Fact]
    public async Task A_model_is_retrained_by_one_job_at_a_time()
    {
        var (toy, job) = await TrainingAsync(6);
        var second = await Jobs.CreateAsync(toy.Spec(), default);
        Assert.Equal((409, "retraining_running", job), (second.Error?.Status, second.Error?.Code, second.Error?.Current));
        await Jobs.CancelAsync(job, default);
        await toy.EndAsync(job);
    }

    /// <summary>A job that trains for long, once its process does.</summary>
    private async Task<(RetrainToy Toy, string Job)> TrainingAsync(int seed)
    {
        var toy = new RetrainToy(loop);
        await toy.ApplyAsync();
        var job = (await toy.CreateAsync(toy.Spec(dataset: await toy.UploadAsync(toy.Csv(30_000, seed)), trainer: LongTrainer))).Id;
        await Eventually.IsAsync(async () => (await Jobs.GetAsync(job, default)).Value is { Step: "train", Metrics: var metrics } && metrics.ContainsKey("iteration") ? null : "it does not train yet", TimeSpan.FromSeconds(60));
        return (toy, job);
    }

    /// <summary>A job whose attempts die at a chosen checkpoint.</summary>
    private sealed class CutContext(JobSpec spec) : IJobContext
    {
        private int _left = int.MaxValue;
        private bool _isLost;

        public string JobId { get; } = Guid.CreateVersion7().ToString("n");

        public int Attempt { get; private set; } = 1;

        public JobSpec Spec { get; } = spec;

        public TimeProvider Clock => TimeProvider.System;

        public string? Step { get; private set; }

        public ReadOnlyMemory<byte>? Checkpoint { get; private set; }

        public CancellationToken Cancellation => default;

        public string LastStep { get; private set; } = "";

        public string? FencedAt { get; init; }

        public string? Result { get; set; }

        public List<string> Log { get; } = [];

        /// <param name="after">Checkpoints that go well before it dies.</param>
        /// <param name="isLost">The one at which it dies is not stored.</param>
        public void Begin(int after, bool isLost)
        {
            Attempt++;
            (_left, _isLost) = (after, isLost);
        }

        public void Report(string step, double? fraction, ImmutableSortedDictionary<string, double> metrics) => Assert.InRange(fraction ?? 0, 0, 1);

        public Task SaveAsync(string step, ReadOnlyMemory<byte> checkpoint)
        {
            if (step == FencedAt)
                throw new JobFencedException("another has begun");
            LastStep = step;
            var dies = _left-- == 0;
            if (!dies || !_isLost)
                (Step, Checkpoint) = (step, checkpoint.ToArray());
            return dies ? throw new Killed() : Task.CompletedTask;
        }

        public Task LogAsync(string level, string text)
        {
            Log.Add(text);
            return Task.CompletedTask;
        }

        public sealed class Killed : Exception;
    }
}

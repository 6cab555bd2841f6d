using System.Text.Json;
using OrleansMl.Datasets;
using OrleansMl.Grains.Tests.Datasets;
using OrleansMl.Jobs;
using OrleansMl.Jobs.Retention;
using OrleansMl.Storage;

namespace OrleansMl.Grains.Tests.Retraining;

/// <summary>What an attempt that was cut off leaves is found once its job has ended, and never before.</summary>
[Collection(LoopCollection.Name)]
public sealed class LeftoverTests(LoopFixture loop)
{
    private IDatasetStore Datasets => loop.Store.Datasets;

    [Fact]
    public async Task What_attempts_wrote_before_they_were_cut_off_goes_once_the_job_has_ended_and_what_its_result_names_stays()
    {
        var toy = new RetrainToy(loop);
        await toy.ApplyAsync();
        var rows = await toy.UploadAsync(toy.Csv(100, 51));
        await toy.RetrainAsync(toy.Spec(dataset: rows));
        await toy.LabelAsync(60, 52);

        // The attempt dies as it would save the sample of what was served: the data set is there, and no checkpoint names it.
        var runner = loop.Get<IEnumerable<IJobRunner>>().Single(one => one.Kind == "retrain");
        var attempts = new CutContext((await runner.PrepareAsync(toy.Spec(dataset: await toy.UploadAsync(toy.Csv(120, 53))), default)).Value);
        var job = loop.Grains.GetGrain<IJobGrain>(attempts.JobId);
        await job.CreateAsync(attempts.Spec with { Kind = "manual" });
        await job.BeginAsync(new JobClaim("a", null, 5));
        attempts.Begin(0, isLost: true);
        await Assert.ThrowsAsync<CutContext.Killed>(() => runner.RunAsync(attempts));
        var lost = Assert.Single(await WrittenAsync()).Id;
        Assert.Equal($"{attempts.JobId}-2-served", lost);

        attempts.Begin(int.MaxValue, isLost: false);
        await SweepAsync();
        Assert.Equal([lost], (await WrittenAsync()).Select(one => one.Id));
        Assert.Contains(Datasets.ListScratch(), entry => entry.Name == $"{attempts.JobId}.2.served");
        var result = (await runner.RunAsync(attempts)).Value;
        var named = JsonDocument.Parse(result).RootElement.GetProperty("served").GetProperty("dataset").GetString();
        await SweepAsync();
        Assert.Equal([named, lost], (await WrittenAsync()).Select(one => one.Id));

        Assert.True((await job.FinishAsync(1, new JobOutcome(JobState.Succeeded, result, null))).IsSuccess);
        await SweepAsync();
        Assert.Equal([named], (await WrittenAsync()).Select(one => one.Id));
        Assert.DoesNotContain(Datasets.ListScratch(), entry => entry.Name.StartsWith(attempts.JobId, StringComparison.Ordinal));
        Assert.NotNull(await Datasets.FindAsync(rows));

        ValueTask<IReadOnlyList<DatasetRecord>> WrittenAsync() => Datasets.ListAsync(new DatasetFilter { WrittenBy = attempts.JobId }, 10);
    }

    [Fact]
    public async Task A_data_set_that_a_version_names_stays_whatever_became_of_its_job_and_that_of_a_job_that_failed_goes()
    {
        var toy = new RetrainToy(loop);
        await toy.ApplyAsync();
        await toy.RetrainAsync(toy.Spec(dataset: await toy.UploadAsync(toy.Csv(100, 55))));
        await toy.LabelAsync(80, 54);
        var failed = await toy.EndAsync((await toy.CreateAsync(toy.Spec(parameters: """{"minRows":5000}"""))).Id);
        Assert.Equal((JobState.Failed, "insufficient_rows"), (failed.State, failed.Error!.Code));
        var made = await toy.RetrainAsync(toy.Spec());
        var extract = made.GetProperty("dataset").GetString()!;
        Assert.Equal([$"{failed.Id}-1-served", $"{failed.Id}-1"], (await Datasets.ListAsync(new DatasetFilter { WrittenBy = failed.Id }, 10)).Select(one => one.Id));
        await SweepAsync();
        Assert.Empty(await Datasets.ListAsync(new DatasetFilter { WrittenBy = failed.Id }, 10));

        // As if its job had said nothing: the lineage still does.
        var row = (await loop.Store.Jobs.FindAsync(extract[..32]))!;
        await loop.Store.Jobs.PutAsync(row with { Document = JsonSerializer.SerializeToUtf8Bytes(JobDocument.Read(row) with { Result = "{}" }, JobDocument.Default.JobStatus) });
        await SweepAsync();
        Assert.NotNull(await Datasets.FindAsync(extract));
    }

    [Fact]
    public async Task Scratch_files_of_nobody_go_after_a_day_and_uploads_that_come_in_are_let_alone()
    {
        var (old, fresh) = (Guid.CreateVersion7().ToString("n"), Guid.CreateVersion7().ToString("n"));
        foreach (var name in new[] { old + ".1.part", fresh + ".1.part", "upload-" + fresh })
            await Datasets.CreateScratch(name).DisposeAsync();
        string path;
        using (var file = Datasets.OpenScratch(old + ".1.part"))
            path = file.Name;
        File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddDays(-2));
        await SweepAsync();
        Assert.Equal([fresh + ".1.part", "upload-" + fresh], Datasets.ListScratch().Select(entry => entry.Name).Where(name => name.Contains(old, StringComparison.Ordinal) || name.Contains(fresh, StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Datasets.DeleteScratch(fresh + ".");
        Datasets.DeleteScratch("upload-" + fresh);
    }

    private Task SweepAsync() => loop.Get<LeftoverSweep>().SweepAsync(default);
}

using System.Text.Json;
using OrleansMl.Datasets;
using OrleansMl.Grains.Tests.Retraining;
using OrleansMl.Jobs;
using OrleansMl.Retraining;
using OrleansMl.Storage;

namespace OrleansMl.Grains.Tests.Datasets;

/// <summary>Data sets are found by where they come from, and go unless something needs them.</summary>
[Collection(LoopCollection.Name)]
public sealed class DatasetRemovalTests(LoopFixture loop)
{
    private IDatasetService Datasets => loop.Get<IDatasetService>();

    private IJobService Jobs => loop.Get<IJobService>();

    [Fact]
    public async Task While_a_job_reads_it_a_data_set_stays_and_the_refusal_names_the_job()
    {
        var toy = new RetrainToy(loop);
        await toy.ApplyAsync();
        var id = await toy.UploadAsync("a\n1\n");

        // No runner knows the kind, so that it waits.
        var job = await loop.Grains.GetGrain<IJobGrain>(Guid.CreateVersion7().ToString("n")).CreateAsync(new JobSpec { Kind = "manual", Dataset = id });
        foreach (var force in new[] { false, true })
            Assert.Equal((409, "dataset_in_use", job.Id), await Datasets.DeleteAsync(id, force, default) is var refused ? (refused.Error!.Status, refused.Error.Code, refused.Error.Current) : default);
        Assert.True((await Jobs.CancelAsync(job.Id, default)).IsSuccess);
        Assert.Equal(id, (await Datasets.DeleteAsync(id, false, default)).Value.Dataset.Id);
        Assert.Equal((404, "unknown_dataset"), await Datasets.OpenAsync(id, default) is var gone ? (gone.Error!.Status, gone.Error.Code) : default);
        Assert.Equal("unknown_dataset", (await Datasets.DeleteAsync(id, false, default)).Error!.Code);
    }

    [Fact]
    public async Task What_attempts_of_an_open_job_wrote_stays_and_so_does_what_a_repeat_reads()
    {
        var toy = new RetrainToy(loop);
        await toy.ApplyAsync();
        await toy.RetrainAsync(toy.Spec(dataset: await toy.UploadAsync(toy.Csv(100, 41))));
        await toy.LabelAsync(80, 42);
        var first = await toy.EndAsync((await toy.CreateAsync(toy.Spec())).Id);
        var result = JsonDocument.Parse(first.Result!).RootElement;
        var (extract, served) = (result.GetProperty("dataset").GetString()!, result.GetProperty("served").GetProperty("dataset").GetString()!);
        Assert.Equal([served, extract], (await Datasets.ListAsync(new DatasetFilter { Kind = "retrain", Model = toy.Name }, 10, default)).Select(one => one.Dataset.Id));

        var runner = loop.Get<IEnumerable<IJobRunner>>().Single(one => one.Kind == "retrain");
        var repeat = (await runner.PrepareAsync(first.Spec with { RepeatOf = first.Id }, default)).Value;
        Assert.Equal([extract, served], (await runner.ReadsAsync(repeat, default)).AsEnumerable());
        Assert.Equal([extract, served], (await runner.ReadsAsync(first.Spec with { RepeatOf = first.Id }, default)).AsEnumerable());

        var writer = new CutContext(repeat with { RepeatOf = null });
        await loop.Grains.GetGrain<IJobGrain>(writer.JobId).CreateAsync(new JobSpec { Kind = "manual" });
        await Record.ExceptionAsync(() => runner.RunAsync(Cut(writer)));
        var written = Assert.Single(await Datasets.ListAsync(new DatasetFilter { WrittenBy = writer.JobId }, 10, default)).Dataset;
        Assert.Equal(("dataset_in_use", writer.JobId), await Datasets.DeleteAsync(written.Id, true, default) is var refused ? (refused.Error!.Code, refused.Error.Current) : default);
        await Jobs.CancelAsync(writer.JobId, default);
        Assert.True((await Datasets.DeleteAsync(written.Id, false, default)).IsSuccess);
        runner.CleanUp(writer.JobId);
    }

    [Fact]
    public async Task What_a_version_was_learned_from_goes_only_by_force_and_then_its_lineage_says_so()
    {
        var toy = new RetrainToy(loop);
        await toy.ApplyAsync();
        var rows = toy.Csv(120, 43);
        var (learned, twin) = (await toy.UploadAsync(rows), await toy.UploadAsync(rows));
        var job = await toy.EndAsync((await toy.CreateAsync(toy.Spec(dataset: learned))).Id);
        var version = new ModelVersionId(toy.Name, 1);
        Assert.Equal([version], (await Datasets.DescribeAsync(twin, default)).Value.Versions.AsEnumerable());
        Assert.Equal([(twin, "file"), (learned, "file")], (await Datasets.ListAsync(new DatasetFilter { Kind = DatasetRecord.SentKind }, 2, default)).Select(one => (one.Dataset.Id, one.Dataset.Kind!)));
        Assert.True((await Jobs.GetManifestAsync(job.Id, default)).Value.Repeat!.IsRepeatable);

        // The twin is not named, and the content is there without it.
        Assert.True((await Datasets.DeleteAsync(twin, false, default)).IsSuccess);
        var refused = (await Datasets.DeleteAsync(learned, false, default)).Error!;
        Assert.Equal((409, "dataset_named", version.ToString()), (refused.Status, refused.Code, refused.Current));
        Assert.False(await IsGoneAsync());

        // A content that a version was learned from is not lost through another name either.
        var again = await toy.UploadAsync(rows);
        Assert.True((await Datasets.DeleteAsync(learned, true, default)).IsSuccess);
        Assert.True(await IsGoneAsync());
        Assert.Equal("dataset_named", (await Datasets.DeleteAsync(again, false, default)).Error!.Code);
        using (var content = (await Datasets.OpenAsync(again, default)).Value)
            Assert.Equal(rows.Length, content.Length);

        var manifest = (await Jobs.GetManifestAsync(job.Id, default)).Value;
        Assert.Equal((false, null), (manifest.Repeat!.IsRepeatable, manifest.Dataset));
        Assert.Contains(learned, manifest.Repeat.Reason, StringComparison.Ordinal);
        Assert.Equal((404, "unknown_dataset"), await Jobs.RepeatAsync(job.Id, "me", default) is var repeat ? (repeat.Error!.Status, repeat.Error.Code) : default);

        async Task<bool?> IsGoneAsync() => (await loop.Get<ILineageService>().GetAsync(toy.Name, 1, default)).Value.IsDatasetGone;
    }

    private static CutContext Cut(CutContext context)
    {
        context.Begin(0, isLost: true);
        return context;
    }
}

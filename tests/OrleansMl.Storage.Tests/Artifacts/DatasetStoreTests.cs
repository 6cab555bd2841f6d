using System.Security.Cryptography;
using OrleansMl.Storage.Embedded;
using OrleansMl.Storage.Embedded.Sqlite;
using OrleansMl.Storage.Tests.Support;

namespace OrleansMl.Storage.Tests.Artifacts;

public sealed class DatasetStoreTests : IDisposable
{
    private readonly DataFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_data_set_is_whole_after_reopening_and_equal_contents_are_stored_once()
    {
        using (var store = _folder.Open())
        {
            await CommitAsync(store, "one", "a,b\n1,2\n");
            await CommitAsync(store, "two", "a,b\n1,2\n");
        }

        using var again = _folder.Open();
        foreach (var id in new[] { "one", "two" })
        {
            var record = (await again.Datasets.FindAsync(id))!;
            Assert.Equal(["a int 0", "b float 3"], record.Columns.Select(c => $"{c.Name} {c.Type} {c.Missing}"));
            using var reader = new StreamReader(again.Datasets.OpenContent(record));
            Assert.Equal("a,b\n1,2\n", await reader.ReadToEndAsync());
        }

        Assert.Single(Directory.EnumerateFiles(Path.Combine(_folder.Path, "datasets", "content"), "*", SearchOption.AllDirectories));
        Assert.Null(await again.Datasets.FindAsync("three"));
    }

    [Fact]
    public void Uploads_that_a_killed_process_left_go_and_the_work_of_jobs_stays()
    {
        using (var store = _folder.Open())
        {
            store.Datasets.CreateScratch("upload-1").Dispose();
            store.Datasets.CreateScratch("job.1.part").Dispose();
        }

        using var again = _folder.Open();
        Assert.Equal(["job.1.part"], Directory.EnumerateFiles(Path.Combine(_folder.Path, "datasets", "work")).Select(Path.GetFileName));
        again.Datasets.DeleteScratch("job.");
        Assert.Throws<FileNotFoundException>(() => again.Datasets.OpenScratch("job.1.part"));
    }

    [Theory]
    [InlineData("../x")]
    [InlineData("a/b")]
    [InlineData("*")]
    [InlineData("")]
    [InlineData("..")]
    public void A_name_that_leads_elsewhere_is_refused(string name)
    {
        using var store = _folder.Open();
        Assert.Throws<ArgumentException>(() => store.Datasets.CreateScratch(name));
        Assert.Throws<ArgumentException>(() => store.Datasets.DeleteScratch(name));
    }

    [Fact]
    public async Task A_file_of_another_length_than_its_record_is_refused()
    {
        using var store = _folder.Open();
        await store.Datasets.CreateScratch("s").DisposeAsync();
        var record = new DatasetRecord { Id = "d", Format = "csv", Rows = 1, Bytes = 5, Hash = new string('0', 64), Created = Some.Noon };
        await Assert.ThrowsAsync<InvalidDataException>(async () => await store.Datasets.CommitAsync(record, "s"));
        Assert.Null(await store.Datasets.FindAsync("d"));
    }

    [Fact]
    public async Task Data_sets_are_listed_newest_first_in_pages_by_kind_model_and_job()
    {
        using var store = _folder.Open();
        await CommitAsync(store, "b", "1", DatasetRecord.SentKind);
        await CommitAsync(store, "a-1", "2", "retrain", "m");
        await CommitAsync(store, "a-2", "3", "retrain", "other");
        await CommitAsync(store, "ab-1", "4", "batchPredict", "m");
        Assert.Equal(["ab-1", "a-2", "a-1", "b"], await IdsAsync(new DatasetFilter()));
        var first = await store.Datasets.ListAsync(new DatasetFilter(), 3);
        Assert.Equal(["b"], await IdsAsync(new DatasetFilter { Before = first[^1].Sequence }));
        Assert.Equal(["a-2", "a-1"], await IdsAsync(new DatasetFilter { Kind = "retrain" }));
        Assert.Equal(["ab-1", "a-1"], await IdsAsync(new DatasetFilter { Model = "m" }));
        Assert.Equal(["a-2", "a-1"], await IdsAsync(new DatasetFilter { WrittenBy = "a" }));
        Assert.Equal(("retrain", "m"), (await store.Datasets.FindAsync("a-1")) is { } found ? (found.Kind, found.Model) : default);

        async Task<IEnumerable<string>> IdsAsync(DatasetFilter filter) => (await store.Datasets.ListAsync(filter, 10)).Select(record => record.Id);
    }

    [Fact]
    public async Task A_content_goes_with_the_last_data_set_that_has_it()
    {
        using var store = _folder.Open();
        await CommitAsync(store, "one", "a,b\n1,2\n");
        await CommitAsync(store, "two", "a,b\n1,2\n");
        var one = (await store.Datasets.DeleteAsync("one"))!;
        Assert.Equal("one", one.Id);
        Assert.Null(await store.Datasets.FindAsync("one"));
        Assert.Null(await store.Datasets.DeleteAsync("one"));
        var two = (await store.Datasets.FindAsync("two"))!;
        Assert.False(await store.Datasets.IsSharedAsync(two));
        using (var open = store.Datasets.OpenContent(two))
        {
            await store.Datasets.DeleteAsync("two");
            Assert.Equal(two.Bytes, (await new StreamReader(open).ReadToEndAsync()).Length);
        }

        Assert.Throws<FileNotFoundException>(() => store.Datasets.OpenContent(two));

        // The same content comes again.
        await CommitAsync(store, "three", "a,b\n1,2\n");
        Assert.Equal(two.Bytes, store.Datasets.OpenContent((await store.Datasets.FindAsync("three"))!) is var again ? again.Length : 0);
        again.Dispose();
    }

    [Fact]
    public async Task Commits_and_removals_of_one_content_at_once_leave_no_data_set_without_it()
    {
        using var store = _folder.Open();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(worker => Task.Run(async () =>
        {
            for (var i = 0; i < 25; i++)
            {
                var id = $"{worker}.{i}";
                await CommitAsync(store, id, "a,b\n7,8\n");
                using (var content = store.Datasets.OpenContent((await store.Datasets.FindAsync(id))!))
                    Assert.Equal(8, content.Length);
                if (i % 5 == 0)
                    await store.Datasets.DeleteOrphanedContentAsync();
                await store.Datasets.DeleteAsync(id);
            }
        })));
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(_folder.Path, "datasets", "content"), "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_content_whose_data_set_never_came_is_found_and_removed()
    {
        using var store = _folder.Open();
        await CommitAsync(store, "kept", "a,b\n1,2\n");
        var lost = Path.Combine(_folder.Path, "datasets", "content", "ab", "ab" + new string('0', 62));
        Directory.CreateDirectory(Path.GetDirectoryName(lost)!);
        await File.WriteAllTextAsync(lost, "x");
        Assert.Equal(1, await store.Datasets.DeleteOrphanedContentAsync());
        Assert.False(File.Exists(lost));
        Assert.Equal(0, await store.Datasets.DeleteOrphanedContentAsync());
        store.Datasets.OpenContent((await store.Datasets.FindAsync("kept"))!).Dispose();
    }

    [Fact]
    public async Task Data_sets_of_a_store_from_before_kinds_get_theirs_from_their_jobs()
    {
        using (var store = _folder.Open())
        {
            await store.Jobs.PutAsync(new JobRow("a", "retrain", "m", "succeeded", false, "{}"u8.ToArray()));
            await CommitAsync(store, "b", "1");
            await CommitAsync(store, "a-1", "2");
            await CommitAsync(store, "gone-1", "3");
        }

        using (var database = SqliteDatabase.Open(Path.Combine(_folder.Path, "oml.db"), readOnly: false))
            database.Execute("ALTER TABLE datasets DROP COLUMN kind; ALTER TABLE datasets DROP COLUMN model;");
        using var again = _folder.Open();
        Assert.Equal([("gone-1", null, null), ("a-1", "retrain", "m"), ("b", "file", null)], (await again.Datasets.ListAsync(new DatasetFilter(), 10)).Select(record => (record.Id, record.Kind, record.Model)));
    }

    private static async Task CommitAsync(EmbeddedStore store, string id, string text, string? kind = null, string? model = null)
    {
        var bytes = Some.Bytes(text);
        await using (var file = store.Datasets.CreateScratch("s-" + id))
            await file.WriteAsync(bytes);
        await store.Datasets.CommitAsync(
            new DatasetRecord { Id = id, Format = "csv", Rows = 1, Bytes = bytes.Length, Hash = Convert.ToHexStringLower(SHA256.HashData(bytes)), Created = Some.Noon, Columns = [new("a", "int", 0), new("b", "float", 3)], Kind = kind, Model = model },
            "s-" + id);
    }
}

using System.Security.Cryptography;
using OrleansMl.Storage.Embedded;
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

    private static async Task CommitAsync(EmbeddedStore store, string id, string text)
    {
        var bytes = Some.Bytes(text);
        await using (var file = store.Datasets.CreateScratch("s-" + id))
            await file.WriteAsync(bytes);
        await store.Datasets.CommitAsync(
            new DatasetRecord { Id = id, Format = "csv", Rows = 1, Bytes = bytes.Length, Hash = Convert.ToHexStringLower(SHA256.HashData(bytes)), Created = Some.Noon, Columns = [new("a", "int", 0), new("b", "float", 3)] },
            "s-" + id);
    }
}

using OrleansMl.Storage.Tests.Support;

namespace OrleansMl.Storage.Tests.Artifacts;

public sealed class ArtifactStoreTests : IDisposable
{
    // SHA-256 of "abc", FIPS 180-4 example.
    private const string AbcDigest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    private readonly DataFolder _folder = new();

    private string AbcPath => Path.Combine(_folder.Path, "artifacts", "ba", AbcDigest);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Content_is_found_by_its_digest_also_after_reopening()
    {
        using (var store = _folder.Open())
        {
            Assert.False(store.Artifacts.Exists(AbcDigest));
            Assert.Equal(AbcDigest, await store.Artifacts.PutAsync(Some.Bytes("abc")));
            Assert.Equal(AbcDigest, await store.Artifacts.PutAsync(Some.Bytes("abc")));
        }

        using var again = _folder.Open();
        Assert.True(again.Artifacts.Exists(AbcDigest));
        Assert.Equal(Some.Bytes("abc"), await again.Artifacts.GetAsync(AbcDigest));
        var empty = await again.Artifacts.PutAsync(Array.Empty<byte>());
        Assert.Empty(await again.Artifacts.GetAsync(empty));
    }

    [Theory]
    [InlineData(AbcDigest)]
    [InlineData("../../etc/passwd")]
    [InlineData("BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD")]
    [InlineData("")]
    public async Task What_is_not_there_or_no_digest_is_not_found(string digest)
    {
        using var store = _folder.Open();
        Assert.False(store.Artifacts.Exists(digest));
        await Assert.ThrowsAsync<FileNotFoundException>(async () => await store.Artifacts.GetAsync(digest));
    }

    [Fact]
    public async Task A_damaged_file_is_refused_and_mended_by_the_same_content()
    {
        using var store = _folder.Open();
        await store.Artifacts.PutAsync(Some.Bytes("abc"));
        await File.WriteAllBytesAsync(AbcPath, Some.Bytes("abd"));
        var error = await Assert.ThrowsAsync<InvalidDataException>(async () => await store.Artifacts.GetAsync(AbcDigest));
        Assert.Contains(AbcDigest, error.Message, StringComparison.Ordinal);
        await store.Artifacts.PutAsync(Some.Bytes("abc"));
        Assert.Equal(Some.Bytes("abc"), await store.Artifacts.GetAsync(AbcDigest));
    }

    [Fact]
    public async Task Concurrent_puts_of_one_content_leave_one_whole_file_and_nothing_else()
    {
        using var store = _folder.Open();
        var content = new byte[1 << 20];
        new Random(2).NextBytes(content);
        var digests = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => store.Artifacts.PutAsync(content).AsTask()));
        var digest = Assert.Single(digests.Distinct());
        Assert.Equal(content, await store.Artifacts.GetAsync(digest));
        Assert.Single(Directory.EnumerateFiles(Path.Combine(_folder.Path, "artifacts"), "*", SearchOption.AllDirectories));
    }

    [Fact]
    public void What_a_killed_process_left_unfinished_is_removed()
    {
        var left = Path.Combine(_folder.Path, "artifacts", "incoming", "half");
        Directory.CreateDirectory(Path.GetDirectoryName(left)!);
        File.WriteAllText(left, "half");
        using var store = _folder.Open();
        Assert.False(File.Exists(left));
    }
}

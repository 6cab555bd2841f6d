using System.Net;
using OrleansMl.Cli.Data;

namespace OrleansMl.Cli.Tests;

public sealed class ElectricityDataTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_named_data_folder_comes_first()
    {
        Directory.CreateDirectory(_folder.File("data/elec2"));
        var file = _folder.Write("data/elec2/electricity.zip", "x");
        using var http = new Handler(_ => new(HttpStatusCode.OK));
        Assert.Equal(file, new ElectricityData(null, name => name == "ORLEANSML_DATA" ? _folder.File("data") : null, http).Find());
        Assert.Null(new ElectricityData(_folder.File("nowhere/deep"), _ => null, http).Find());
    }

    [Fact]
    public async Task A_download_with_another_digest_is_not_kept()
    {
        using var http = new Handler(_ => new(HttpStatusCode.OK) { Content = new StringContent("something else") });
        var data = new ElectricityData(_folder.Root, _ => null, http);
        var (file, fault) = await data.DownloadAsync(CancellationToken.None);
        Assert.Null(file);
        Assert.Contains(ElectricityData.Sha256, fault, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(_folder.Root, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_refused_download_says_why()
    {
        using var http = new Handler(_ => new(HttpStatusCode.NotFound));
        var (file, fault) = await new ElectricityData(_folder.Root, _ => null, http).DownloadAsync(CancellationToken.None);
        Assert.Null(file);
        Assert.Contains("404", fault, StringComparison.Ordinal);
    }

    private sealed class Handler(Func<HttpRequestMessage, HttpResponseMessage> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(answer(request));
    }
}

using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace OrleansMl.EndToEnd.Tests;

public sealed class CertificateTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task With_a_certificate_both_ports_speak_TLS_and_only_TLS()
    {
        using var certificate = Make("secret");
        await using var server = await ServerProcess.StartAsync(_folder.At("data"), "--config", Configuration("secret"));
        using var client = new HttpClient(new SocketsHttpHandler
        {
            SslOptions = { RemoteCertificateValidationCallback = (_, presented, _, _) => presented?.GetCertHashString() == certificate.GetCertHashString() },
        });

        Assert.Equal("""{"live":true}""", await client.GetStringAsync($"https://{server.Word("http")}/v2/health/live"));
        using var second = await client.SendAsync(new HttpRequestMessage(HttpMethod.Get, $"https://{server.Word("grpc")}/v2/health/live") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact });
        Assert.Equal((HttpStatusCode.OK, HttpVersion.Version20), (second.StatusCode, second.Version));
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync($"http://{server.Word("http")}/v2/health/live"));
    }

    [Fact]
    public async Task A_certificate_that_cannot_be_used_ends_the_start_with_exit_code_2()
    {
        using (Make("secret"))
        {
            var wrong = await ProgramRun.OfAsync("up", "--data", _folder.At("data"), "--http", "0", "--grpc", "0", "--config", Configuration("wrong"));
            Assert.Equal(2, wrong.ExitCode);
            Assert.Contains("Kestrel:Certificates:Default", wrong.Error, StringComparison.Ordinal);
        }

        File.Delete(_folder.At("server.pfx"));
        var missing = await ProgramRun.OfAsync("up", "--data", _folder.At("data"), "--http", "0", "--grpc", "0", "--config", Configuration("secret"));
        Assert.Equal(2, missing.ExitCode);
        Assert.Contains("server.pfx", missing.Error, StringComparison.Ordinal);
    }

    private string Configuration(string password) => _folder.Write("tls.json", $$$"""
        {"Kestrel": {"Certificates": {"Default": {"Path": "{{{_folder.At("server.pfx")}}}", "Password": "{{{password}}}"} } } }
        """);

    /// <summary>A certificate for this machine, signed by itself, in a file with a password.</summary>
    private X509Certificate2 Make(string password)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var certificate = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllBytes(_folder.At("server.pfx"), certificate.Export(X509ContentType.Pkcs12, password));
        return certificate;
    }
}

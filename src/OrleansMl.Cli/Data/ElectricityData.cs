using System.Security.Cryptography;

namespace OrleansMl.Cli.Data;

/// <summary>
/// ELEC2, the New South Wales electricity market 1996–1998 (M. Harries, 1999). The series has no licence of its own, so
/// it is not part of this project: it is found beside the checkout or fetched from a public repository at a fixed commit.
/// </summary>
internal sealed class ElectricityData(string? root, Func<string, string?> environment, HttpMessageHandler http)
{
    public const string Url =
        "https://raw.githubusercontent.com/MaxHalford/maxhalford.github.io/d2e2164548a9ba0476f5c74f8d395bad4e408ea4/static/files/datasets/electricity.zip";

    public const string Sha256 = "67f1717e40fca99f4dea6aa88c3de6ce47256c352635c66e3fe111da065407e9";

    private const long MaxBytes = 16 << 20;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>How to get the data, for people.</summary>
    public static string Remedy =>
        $"Put electricity.zip from\n  {Url}\n  (sha256 {Sha256})\ninto the folder elec2 of a folder of your own and set ORLEANSML_DATA to that folder.";

    /// <summary>Where the file lies on this machine; null: nowhere.</summary>
    public string? Find() => Places().FirstOrDefault(File.Exists);

    /// <summary>Fetches the file once, within 20 seconds, and keeps it only if its digest is right.</summary>
    /// <returns>The file, or why there is none.</returns>
    public async Task<(string? File, string? Fault)> DownloadAsync(CancellationToken cancellationToken)
    {
        if (Downloaded() is not { } target)
            return (null, "there is no checkout to keep it in");
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            using var client = new HttpClient(http, disposeHandler: false) { MaxResponseContentBufferSize = MaxBytes };
            var bytes = await client.GetByteArrayAsync(new Uri(Url), patience.Token).ConfigureAwait(false);
            var digest = Convert.ToHexStringLower(SHA256.HashData(bytes));
            if (digest != Sha256)
                return (null, $"what came has the sha256 {digest}, expected {Sha256}");
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            var partial = $"{target}.{Environment.ProcessId}.partial";
            await File.WriteAllBytesAsync(partial, bytes, cancellationToken).ConfigureAwait(false);
            File.Move(partial, target, overwrite: true);
            return (target, null);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (null, $"no answer within {Patience.TotalSeconds:0} seconds");
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException or UnauthorizedAccessException)
        {
            return (null, fault.Message);
        }
    }

    private IEnumerable<string> Places()
    {
        if (environment("ORLEANSML_DATA") is { Length: > 0 } folder)
            yield return Path.Combine(folder, "elec2", "electricity.zip");
        if (root is not null)
            yield return Path.GetFullPath(Path.Combine(root, "..", "shared", "data", "elec2", "electricity.zip"));
        if (Downloaded() is { } downloaded)
            yield return downloaded;
    }

    private string? Downloaded() => root is null ? null : Path.Combine(root, "out", "downloads", "electricity.zip");
}

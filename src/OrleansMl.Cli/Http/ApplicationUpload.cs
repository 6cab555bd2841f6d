using OrleansMl.Cli.CommandLine;

namespace OrleansMl.Cli.Http;

/// <summary>Sends application files.</summary>
internal sealed class ApplicationUpload(ApiConnection connection)
{
    /// <exception cref="CommandException">The file cannot be read.</exception>
    public async Task<ApiAnswer> SendAsync(string file, bool dryRun, bool allowReset, CancellationToken cancellationToken)
    {
        byte[] text;
        try
        {
            text = await File.ReadAllBytesAsync(file, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw CommandException.Invalid($"{file}: {fault.Message}");
        }

        var query = string.Join("&", new[] { dryRun ? "dryRun=true" : null, allowReset ? "allow=reset" : null }.OfType<string>());
        var path = query.Length == 0 ? "/api/v1/applications" : $"/api/v1/applications?{query}";
        return await connection.SendAsync(HttpMethod.Post, connection.Resolve(path), text, BodyHeaders.Yaml, cancellationToken).ConfigureAwait(false);
    }
}

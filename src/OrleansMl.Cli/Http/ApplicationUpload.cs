using OrleansMl.Cli.CommandLine;

namespace OrleansMl.Cli.Http;

/// <summary>Sends application files.</summary>
internal sealed class ApplicationUpload(ApiConnection connection)
{
    /// <exception cref="CommandException">The file cannot be read.</exception>
    public ApiAnswer Send(string file, bool dryRun, bool allowReset, CancellationToken cancellationToken)
    {
        byte[] text;
        try
        {
            text = File.ReadAllBytes(file);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw CommandException.Invalid($"{file}: {fault.Message}");
        }

        var query = string.Join("&", new[] { dryRun ? "dryRun=true" : null, allowReset ? "allow=reset" : null }.OfType<string>());
        var path = query.Length == 0 ? "/api/v1/applications" : $"/api/v1/applications?{query}";
        return connection.Post(path, text, BodyHeaders.Yaml, cancellationToken);
    }
}

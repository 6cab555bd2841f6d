using System.Diagnostics.CodeAnalysis;

namespace OrleansMl.Cli.Server;

/// <summary>What <c>up</c> prints when it answers: <c>ready http=HOST:PORT grpc=HOST:PORT|- engine=… data=PATH</c>, in any order.</summary>
/// <param name="Http">Address of the HTTP endpoints.</param>
/// <param name="Engine">standin | orleans.</param>
internal sealed record ReadyLine(Uri Http, string Engine)
{
    public static bool TryParse(string line, [NotNullWhen(true)] out ReadyLine? ready)
    {
        ready = null;
        if (!line.StartsWith("ready ", StringComparison.Ordinal))
            return false;
        string? http = null;
        var engine = "unknown";
        foreach (var word in line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1))
        {
            if (word.StartsWith("http=", StringComparison.Ordinal))
                http = word["http=".Length..];
            else if (word.StartsWith("engine=", StringComparison.Ordinal))
                engine = word["engine=".Length..];
        }

        if (http is null || !Uri.TryCreate($"http://{http}", UriKind.Absolute, out var address))
            return false;
        ready = new(address, engine);
        return true;
    }
}

using System.Text.Json;
using OrleansMl.Cli.CommandLine;

namespace OrleansMl.Cli.Http;

/// <summary>Reads all pages of a list: <c>?limit=&amp;pageToken=</c> → {items, nextPageToken}.</summary>
internal sealed class PagedList(ApiConnection connection, string path)
{
    private const int PageSize = 1000;

    /// <exception cref="CommandException">The server does not answer, or refuses.</exception>
    public IEnumerable<JsonElement> Read(CancellationToken cancellationToken)
    {
        string? token = null;
        do
        {
            var query = $"{path}?limit={PageSize}" + (token is null ? "" : $"&pageToken={Uri.EscapeDataString(token)}");
            var answer = connection.Reach(() => connection.Get(query, cancellationToken));
            if (!answer.IsSuccess)
                throw CommandException.Failed($"GET {path}: {answer.Fault}");
            using var document = JsonDocument.Parse(answer.Body);
            var next = document.RootElement.TryGetProperty("nextPageToken", out var given) && given.ValueKind == JsonValueKind.String ? given.GetString() : null;
            if (next is not null && next == token)
                throw CommandException.Failed($"GET {path}: the server gave the page token '{next}' twice.");
            token = next;
            foreach (var item in document.RootElement.GetProperty("items").EnumerateArray())
                yield return item.Clone();
        }
        while (token is not null);
    }
}

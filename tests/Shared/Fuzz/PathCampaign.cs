using System.Text.Json;

namespace OrleansMl.Testing;

/// <summary>Puts odd segments and odd queries into every route that a gateway's OpenAPI document has, and checks every answer.</summary>
public static class PathCampaign
{
    private static readonly string[] Segments =
        ["%20", "%00x", "a%2Fb", "a%252Fb", "%FF", "%zz", "%C3%BC", "..%2F..", "'", "%22", "%5C", "-1", "0", "1", "99999999999", "a%0Ab", "%F0%9F%98%80", "electricity", "market", "nobody", new string('a', 300), "%3F%23", "x%7Cy"];

    private static readonly string[] Queries =
        ["", "?limit=0", "?limit=1&limit=2", "?limit=x", "?pageToken=%00", "?pageToken=%FF", "?asOf=now", "?asOf=9999-12-31T23:59:59Z", "?features=,,", "?features=a:b:c", "?expected=0", "?state=x", "?from=0001-01-01T00:00:00Z&to=x", "?version=1e3", "?unknown", "?%FF=%FF", "?entityType=%20&entityId=%20"];

    /// <summary>Runs to the end; answers with how many requests were sent and what went wrong.</summary>
    /// <param name="client">Its base address is the gateway.</param>
    public static async Task<(int Sent, IReadOnlyList<string> Wrong)> RunAsync(HttpClient client)
    {
        using var document = JsonDocument.Parse(await client.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative)));
        var wrong = new List<string>();
        var sent = 0;
        foreach (var path in document.RootElement.GetProperty("paths").EnumerateObject())
        {
            foreach (var method in path.Value.EnumerateObject().Select(operation => operation.Name.ToUpperInvariant()))
            {
                // without a parameter in the path a POST would be a plain, valid request: those have tests of their own
                var hasParameter = path.Name.Contains('{', StringComparison.Ordinal);
                if (path.Name.EndsWith("/metrics", StringComparison.Ordinal) || path.Name.EndsWith("/artifact", StringComparison.Ordinal) || (!hasParameter && method != "GET"))
                    continue;
                foreach (var target in hasParameter ? Segments.Select(segment => Fill(path.Name, segment)) : Queries.Select(query => path.Name + query))
                {
                    sent++;
                    if (await WhyWrongAsync(client, method, target) is { } why)
                        wrong.Add($"{method} {target}: {why}");
                }

                foreach (var query in hasParameter && method == "GET" ? Queries : [])
                {
                    sent++;
                    if (await WhyWrongAsync(client, method, Fill(path.Name, "electricity") + query) is { } why)
                        wrong.Add($"{method} {path.Name}{query}: {why}");
                }
            }
        }

        return (sent, wrong);
    }

    private static async Task<string?> WhyWrongAsync(HttpClient client, string method, string target)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(client.BaseAddress!.GetLeftPart(UriPartial.Authority) + target, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        using var response = await client.SendAsync(request);
        // the server refuses some targets before any code of ours runs, with an empty body
        return (int)response.StatusCode == 400 && response.Content.Headers.ContentLength == 0 ? null : await AnswerRules.WhyWrongAsync(target, response);
    }

    private static string Fill(string path, string segment)
        => string.Join('/', path.Split('/').Select(part => part.StartsWith('{') ? segment : part));
}

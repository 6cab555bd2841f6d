using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace OrleansMl.EndToEnd.Tests;

/// <summary>A client of one server: bodies as text, answers with their JSON. Every request is bounded.</summary>
internal sealed class Api : IDisposable
{
    public const string Json = "application/json";
    public const string Ndjson = "application/x-ndjson";
    public const string Yaml = "application/yaml";
    public const string Octets = "application/octet-stream";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    public Api(Uri address) => Client = new HttpClient { BaseAddress = address, Timeout = Limit };

    public HttpClient Client { get; }

    public void Dispose() => Client.Dispose();

    public Task<Answer> GetAsync(string path, string? accept = null) => SendAsync(HttpMethod.Get, path, null, null, accept is null ? [] : [("Accept", accept)]);

    public Task<Answer> PostAsync(string path, string body, string? type = Json, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Post, path, Encoding.UTF8.GetBytes(body), type, headers);

    public Task<Answer> PostAsync(string path, byte[] body, string? type, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Post, path, body, type, headers);

    public Task<Answer> PutAsync(string path, string body) => SendAsync(HttpMethod.Put, path, Encoding.UTF8.GetBytes(body), Json);

    public Task<Answer> DeleteAsync(string path) => SendAsync(HttpMethod.Delete, path, null, null);

    public async Task<Answer> SendAsync(HttpMethod method, string path, byte[]? body, string? type, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            if (type is not null)
                request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        }

        foreach (var (name, value) in headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
                request.Content!.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await Client.SendAsync(request);
        var replayed = response.Headers.TryGetValues("Idempotency-Replayed", out var values) && values.Contains("true");
        return new Answer((int)response.StatusCode, response.Content.Headers.ContentType?.MediaType, await response.Content.ReadAsStringAsync(), replayed)
        {
            Bytes = await response.Content.ReadAsByteArrayAsync(),
            HeaderLength = response.Headers.TryGetValues("Inference-Header-Content-Length", out var lengths) ? int.Parse(lengths.Single(), CultureInfo.InvariantCulture) : null,
            Coding = response.Content.Headers.ContentEncoding.SingleOrDefault(),
        };
    }
}

/// <summary>What came back.</summary>
internal sealed record Answer(int Status, string? Type, string Text, bool Replayed)
{
    public byte[] Bytes { get; init; } = [];

    /// <summary>Length of the JSON before binary tensors; null: there are none.</summary>
    public int? HeaderLength { get; init; }

    /// <summary>Content coding; null: none.</summary>
    public string? Coding { get; init; }

    /// <summary>The body as JSON.</summary>
    public JsonElement Body
    {
        get
        {
            using var document = JsonDocument.Parse(Text);
            return document.RootElement.Clone();
        }
    }

    /// <summary>The lines of an NDJSON body.</summary>
    public IReadOnlyList<JsonElement> Lines => [.. Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => (this with { Text = line }).Body)];

    /// <summary>This, if the status is one of 2xx.</summary>
    public Answer Done()
    {
        Assert.True(Status is >= 200 and < 300, $"status {Status}: {Text}");
        return this;
    }

    public Answer Is(int status)
    {
        Assert.True(Status == status, $"status {Status}, not {status}: {Text}");
        return this;
    }

    /// <summary>A member of the body as text.</summary>
    public string? this[string name] => Body.GetProperty(name).ToString();
}

using System.Net;
using System.Text;
using System.Text.Json;

namespace OrleansMl.Cli.Http;

/// <summary>Status and body of an answer; the body lies in a buffer that the next request uses again.</summary>
internal readonly record struct ApiAnswer(HttpStatusCode Status, ReadOnlyMemory<byte> Body)
{
    public bool IsSuccess => (int)Status is >= 200 and < 300;

    /// <summary>Status and what the server says of the fault, in one line.</summary>
    public string Fault
    {
        get
        {
            var detail = Encoding.UTF8.GetString(Body.Span);
            try
            {
                using var document = JsonDocument.Parse(Body);
                if (document.RootElement.ValueKind == JsonValueKind.Object)
                {
                    if (document.RootElement.TryGetProperty("detail", out var said) || document.RootElement.TryGetProperty("error", out said))
                        detail = said.ToString();
                }
            }
            catch (JsonException)
            {
                // Not JSON: show the body as it is.
            }

            detail = detail.ReplaceLineEndings(" ").Trim();
            return $"{(int)Status} {(detail.Length > 500 ? detail[..500] + "…" : detail)}".TrimEnd();
        }
    }
}

using System.Globalization;
using System.Text;
using System.Text.Json;

namespace OrleansMl.Testing;

/// <summary>Sends generated requests to a gateway and checks every answer.</summary>
public static class FuzzCampaign
{
    /// <summary>Requests of a quick run, or of a full one when OML_TEST_ALL is 1.</summary>
    public static int DefaultCount => Environment.GetEnvironmentVariable("OML_TEST_ALL") == "1" ? 20_000 : 2_000;

    /// <summary>Runs to the end; answers with what went wrong, none when nothing did.</summary>
    /// <param name="client">Its base address is the gateway.</param>
    /// <param name="seed">The same seed sends the same requests.</param>
    /// <param name="count">How many.</param>
    /// <param name="templates">Bodies to start from; null: the defaults.</param>
    /// <param name="kept">Told the ids of good lines of each batch that was answered; answers with the first that was lost, or null. Null: not checked.</param>
    public static async Task<IReadOnlyList<string>> RunAsync(HttpClient client, int seed, int count, BodyTemplates? templates = null, Func<BodyKind, IReadOnlyList<string>, string?>? kept = null)
    {
        var generator = new BodyGenerator(seed, templates);
        var wrong = new List<string>();
        for (var i = 0; i < count && wrong.Count < 10; i++)
        {
            var generated = generator.Next();
            using var request = new HttpRequestMessage(HttpMethod.Post, generated.Path) { Content = new ByteArrayContent(generated.Body) };
            if (generated.ContentType is not null)
                request.Content.Headers.TryAddWithoutValidation("Content-Type", generated.ContentType);
            using var response = await client.SendAsync(request);
            var why = await AnswerRules.WhyWrongAsync(generated.Path, response);
            if (why is null && generated.GoodIds.Count > 0)
                why = await WhyNotKeptAsync(generated, response) ?? kept?.Invoke(generated.Kind, generated.GoodIds);
            if (why is not null)
                wrong.Add(string.Create(CultureInfo.InvariantCulture, $"seed {seed}, request {i} ({generated.Kind}, mutations {generated.What}): {why}\n  {Encoding.UTF8.GetString(generated.Body)}"));
        }

        return wrong;
    }

    // A batch with a good line is never refused as a whole, and counts at least its good lines.
    private static async Task<string?> WhyNotKeptAsync(GeneratedRequest generated, HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        if ((int)response.StatusCode != 200)
            return $"{generated.GoodIds.Count} good lines, and status {(int)response.StatusCode}: {text}";
        using var document = JsonDocument.Parse(text);
        var taken = document.RootElement.GetProperty("accepted").GetInt32() + document.RootElement.GetProperty("duplicates").GetInt32();
        return taken < generated.GoodIds.Count ? $"{generated.GoodIds.Count} good lines, and {taken} taken: {text}" : null;
    }
}

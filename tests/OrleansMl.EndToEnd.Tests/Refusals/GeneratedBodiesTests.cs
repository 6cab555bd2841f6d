using System.Globalization;
using OrleansMl.Testing;

namespace OrleansMl.EndToEnd.Tests;

/// <summary>Generated bodies and paths against the real server.</summary>
public sealed class GeneratedBodiesTests : IDisposable
{
    private const int Seed = 20260301;

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task No_body_makes_a_500_or_hangs_every_error_is_well_formed_and_good_items_are_kept()
    {
        _folder.Write("models/simple/1/model.onnx", OnnxFiles.Simple());
        await using var server = await ServerProcess.StartAsync(_folder.At("data"), "--app", Places.Sample("electricity"), "--models", _folder.At("models"));
        var api = server.Api;
        var good = new Dictionary<BodyKind, List<string>> { [BodyKind.Event] = [], [BodyKind.Outcome] = [] };

        var wrong = await FuzzCampaign.RunAsync(api.Client, Seed, FuzzCampaign.DefaultCount, kept: (kind, ids) =>
        {
            good[kind].AddRange(ids);
            return null;
        });

        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
        await AllAreKeptAsync(api, new BodyTemplates().Event, "/api/v1/events", "fuzz-e", good[BodyKind.Event]);
        await AllAreKeptAsync(api, new BodyTemplates().Outcome, "/api/v1/outcomes", "fuzz-o", good[BodyKind.Outcome]);
        foreach (var id in good[BodyKind.Event].Take(200))
        {
            var read = await api.GetAsync($"/api/v1/entities/market/F{id["fuzz-e".Length..]}/features?features=now:price");
            Assert.Equal(0.25, read.Done().Body.GetProperty("features")[0].GetProperty("value").GetDouble());
        }

        // What was sent has changed nothing but data: the application stands, and no other came.
        var applications = (await api.GetAsync("/api/v1/applications")).Done().Body.GetProperty("items");
        Assert.Equal(["electricity"], applications.EnumerateArray().Select(a => a.GetProperty("name").GetString()));
        (await api.GetAsync("/health/ready")).Is(200);
        Assert.DoesNotContain("Unhandled", server.Said, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task No_path_and_no_query_makes_a_500()
    {
        await using var server = await ServerProcess.StartAsync(_folder.At("data"), "--app", Places.Sample("electricity"));

        var (sent, wrong) = await PathCampaign.RunAsync(server.Api.Client);

        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
        Assert.True(sent > 500, $"only {sent} requests were sent");
    }

    // A repeat of a kept item is a duplicate; of one that was lost it would be accepted, of a changed one refused.
    private static async Task AllAreKeptAsync(Api api, string template, string path, string prefix, List<string> ids)
    {
        Assert.True(ids.Count > 100, $"only {ids.Count} good items were sent");
        foreach (var chunk in ids.Chunk(500))
        {
            var again = await api.PostAsync(path, Fleet.Lines(chunk.Select(id => template.Replace("{n}", id[prefix.Length..], StringComparison.Ordinal))), Api.Ndjson);
            Assert.Equal(chunk.Length.ToString(CultureInfo.InvariantCulture), again.Done()["duplicates"]);
        }
    }
}

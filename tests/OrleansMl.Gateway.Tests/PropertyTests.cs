using OrleansMl.Testing;

namespace OrleansMl.Gateway.Tests;

public class PropertyTests
{
    [Fact]
    public async Task No_body_makes_a_500_every_error_is_well_formed_and_good_items_are_kept()
    {
        await using var host = await GatewayHost.StartAsync();

        var wrong = await FuzzCampaign.RunAsync(host.Client, seed: 20260131, FuzzCampaign.DefaultCount, kept: (kind, ids) =>
        {
            var lost = ids.FirstOrDefault(id => kind == BodyKind.Event ? !host.Ingest.Events.ContainsKey(id) : !host.Ingest.Outcomes.ContainsKey(id));
            return lost is null ? null : $"'{lost}' was not handed on";
        });

        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
        Assert.NotEmpty(host.Ingest.Events);
        Assert.NotEmpty(host.Ingest.Outcomes);
        Assert.NotEmpty(host.Predictions.Requests);
        Assert.True(host.Inference.Runs > 0);
        Assert.NotNull(host.Control.LastApply);
    }

    [Fact]
    public async Task No_path_and_no_query_makes_a_500()
    {
        await using var host = await GatewayHost.StartAsync();
        var (sent, wrong) = await PathCampaign.RunAsync(host.Client);
        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
        Assert.True(sent > 500, $"only {sent} requests were sent");
    }
}

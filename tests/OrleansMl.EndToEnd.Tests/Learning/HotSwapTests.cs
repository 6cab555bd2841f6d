using System.Globalization;

namespace OrleansMl.EndToEnd.Tests;

/// <summary>The champion is swapped under load and no request notices.</summary>
public sealed class HotSwapTests : IDisposable
{
    private const int Swaps = 100;

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_hundred_swaps_of_the_champion_under_load_fail_no_request()
    {
        await using var server = await ServerProcess.StartAsync(_folder.At("data"), "--app", _folder.Write("fleet.yaml", Fleet.Yaml));
        await Fleet.TeachTwoVersionsAsync(server.Api);
        var inputs = (await server.Api.GetAsync($"/v2/models/{Fleet.Model}")).Done().Body.GetProperty("inputs").EnumerateArray()
            .Select(input => $"{{\"name\":\"{input.GetProperty("name").GetString()}\",\"shape\":[1,1],\"datatype\":\"{input.GetProperty("datatype").GetString()}\",\"data\":[1]}}");
        var infer = $"{{\"inputs\":[{string.Join(',', inputs)}]}}";
        using var stop = new CancellationTokenSource();
        var load = Enumerable.Range(0, 4).Select(connection => connection % 2 == 0
            ? LoadAsync(server, $"/v2/models/{Fleet.Model}/infer", _ => infer, "model_version", stop.Token)
            : LoadAsync(server, $"/api/v1/models/{Fleet.Model}/predict", n => Fleet.Predict($"h{connection}", (n % 20 * 0.1) - 1), "modelVersion", stop.Token)).ToArray();

        var champion = 1;
        for (var swap = 0; swap < Swaps; swap++)
        {
            var next = 3 - champion;
            var answer = await server.Api.PutAsync($"/api/v1/models/{Fleet.Model}/aliases/champion", $"{{\"version\":\"{next}\",\"expected\":\"{champion}\"}}");
            Assert.Equal(next.ToString(CultureInfo.InvariantCulture), answer.Done()["version"]);
            champion = next;
            // Requests meet each state.
            (await server.Api.PostAsync($"/api/v1/models/{Fleet.Model}/predict", Fleet.Predict("h", 1))).Done();
        }

        await stop.CancelAsync();
        foreach (var (requests, versions, failure) in await Task.WhenAll(load))
        {
            Assert.Null(failure);
            Assert.True(requests > Swaps / 2, $"only {requests} requests met the swaps");
            Assert.Equal(["1", "2"], versions.Order());
        }
    }

    private static async Task<(int Requests, HashSet<string> Versions, string? Failure)> LoadAsync(ServerProcess server, string path, Func<int, string> body, string member, CancellationToken stop)
    {
        using var api = new Api(server.Address);
        var versions = new HashSet<string>();
        var requests = 0;
        while (!stop.IsCancellationRequested)
        {
            var answer = await api.PostAsync(path, body(requests++));
            if (answer.Status != 200)
                return (requests, versions, $"{path}, request {requests}: status {answer.Status}: {answer.Text}");
            versions.Add(answer[member]!);
        }

        return (requests, versions, null);
    }
}

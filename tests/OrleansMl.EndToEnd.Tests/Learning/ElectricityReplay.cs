using System.Text.Json;

namespace OrleansMl.EndToEnd.Tests;

/// <summary>
/// The electricity market, replayed once by the first test that asks, on a server that stands until the last. The tests look at what came
/// of it, in any order: they log no outcome, and what they promote they roll back.
/// </summary>
public sealed class ElectricityReplay : IAsyncLifetime
{
    private readonly TestFolder _folder = new();
    private ServerProcess? _server;
    private Task<JsonElement>? _summary;

    internal static int Rows { get; } = Scales.Of(quick: 2600, full: 10_000);

    /// <summary>The server; started by <see cref="SummaryAsync"/>.</summary>
    internal ServerProcess Server => _server!;

    /// <summary>What the command has written; skips the test where the data is absent.</summary>
    internal Task<JsonElement> SummaryAsync() => _summary ??= ReplayAsync();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        _folder.Dispose();
    }

    private async Task<JsonElement> ReplayAsync()
    {
        var data = Places.DataOrSkip("elec2/electricity.zip");
        _server = await ServerProcess.StartAsync(_folder.At("data"));
        return await Replays.RunAsync(_folder.At("out"), Rows, "--app", Places.Sample("electricity"), "--data", data, "--url", _server.Address.ToString());
    }
}

[CollectionDefinition(Name)]
public sealed class ElectricityCollection : ICollectionFixture<ElectricityReplay>
{
    public const string Name = "electricity";
}

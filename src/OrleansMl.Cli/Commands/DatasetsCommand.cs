using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using OrleansMl.Cli.CommandLine;
using OrleansMl.Cli.Jobs;
using OrleansMl.Cli.Output;

namespace OrleansMl.Cli.Commands;

/// <summary><c>datasets</c>: the data sets of a server: list them, delete one.</summary>
internal sealed class DatasetsCommand(Terminal terminal)
{
    private readonly Option<Uri?> _url = SharedOptions.Server();
    private readonly Option<string?> _kind = new("--kind") { Description = "Only those that jobs of this kind made; file: that were sent.", HelpName = "KIND" };
    private readonly Option<string?> _model = new("--model") { Description = "Only those that jobs of this model made.", HelpName = "M" };
    private readonly Option<int?> _limit = SharedOptions.Number("--limit", "At most so many, the newest (default 20).", 1, 1000);
    private readonly Argument<string> _id = new("ID") { Description = "Id of the data set." };
    private readonly Option<bool> _force = new("--force") { Description = "Also where a version was learned from it, which then cannot be made again." };

    public Command Build()
    {
        _url.Recursive = true;
        var delete = new Command("delete", "Delete a data set.") { _id, _force };
        delete.SetAction(DeleteAsync);
        var command = new Command("datasets", "List data sets, newest first, and delete them.") { _kind, _model, _limit, _url, delete };
        command.SetAction(ListAsync);
        return command;
    }

    private async Task<int> ListAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var client = ClientOf(parsed);
        var query = string.Create(CultureInfo.InvariantCulture, $"/api/v1/datasets?limit={parsed.GetValue(_limit) ?? 20}")
            + (parsed.GetValue(_kind) is { } kind ? $"&kind={Uri.EscapeDataString(kind)}" : "")
            + (parsed.GetValue(_model) is { } model ? $"&model={Uri.EscapeDataString(model)}" : "");
        var page = await client.GetAsync(query, cancellationToken).ConfigureAwait(false);
        string[][] rows = [.. page.GetProperty("items").EnumerateArray().Select(RowOf)];
        terminal.WriteTable(new TextTable(["data set", "kind", "model", "name", "rows", "bytes", "created", "versions"], rows) { RightAligned = new HashSet<int> { 4, 5 } });
        return ExitCode.Done;
    }

    private async Task<int> DeleteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var client = ClientOf(parsed);
        var id = parsed.GetRequiredValue(_id);
        var deleted = await client.DeleteAsync($"/api/v1/datasets/{Uri.EscapeDataString(id)}{(parsed.GetValue(_force) ? "?force=true" : "")}", cancellationToken).ConfigureAwait(false);
        terminal.Out.WriteLine($"data set {id} is deleted ({deleted.GetProperty("rows")} rows, {deleted.GetProperty("bytes")} bytes)");
        return ExitCode.Done;
    }

    private JobClient ClientOf(ParseResult parsed) => new(SharedOptions.ServerOf(parsed, _url));

    private static string[] RowOf(JsonElement dataset) =>
    [
        Cells.Text(dataset, "id"), Cells.Text(dataset, "kind"), Cells.Text(dataset, "model"), Cells.Text(dataset, "name"),
        Cells.Text(dataset, "rows"), Cells.Text(dataset, "bytes"), Cells.Text(dataset, "created"),
        string.Join(' ', dataset.GetProperty("versions").EnumerateArray().Select(version => $"{version.GetProperty("model")}/{version.GetProperty("version")}")) is { Length: > 0 } versions ? versions : "-",
    ];
}

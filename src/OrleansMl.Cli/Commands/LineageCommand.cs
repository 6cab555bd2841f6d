using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using OrleansMl.Cli.CommandLine;
using OrleansMl.Cli.Jobs;
using OrleansMl.Cli.Output;

namespace OrleansMl.Cli.Commands;

/// <summary><c>lineage MODEL [VERSION]</c>: what a version was made from, and what came of it.</summary>
internal sealed class LineageCommand(Terminal terminal)
{
    private const string Importances = "importances";
    private const int MostImportances = 10;

    private readonly Argument<string> _model = new("MODEL") { Description = "Name of the model." };
    private readonly Argument<string?> _version = new("VERSION") { Description = "Version (default: the champion).", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<Uri?> _url = SharedOptions.Server();

    public Command Build()
    {
        var command = new Command("lineage", "Show what a version was made from, and what came of it.") { _model, _version, _url };
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var client = new JobClient(SharedOptions.ServerOf(parsed, _url));
        var path = $"/api/v1/models/{Uri.EscapeDataString(parsed.GetRequiredValue(_model))}";
        var version = parsed.GetValue(_version) ?? await ChampionAsync(client, path, cancellationToken).ConfigureAwait(false);
        var lineage = await client.GetAsync($"{path}/versions/{Uri.EscapeDataString(version)}/lineage", cancellationToken).ConfigureAwait(false);
        terminal.WriteTable(new TextTable(["version", version], [.. lineage.EnumerateObject().Where(member => member.Name is not ("version" or Importances)).Select(member => new[] { member.Name, TextOf(member.Value) })]));
        WriteImportances(lineage);
        return ExitCode.Done;
    }

    /// <summary>The largest ones; nothing where the trainer tells none.</summary>
    private void WriteImportances(JsonElement lineage)
    {
        if (!lineage.TryGetProperty(Importances, out var importances) || importances.ValueKind == JsonValueKind.Null)
            return;
        string[][] rows = [.. importances.GetProperty("columns").EnumerateArray().Take(MostImportances).Select(one => new[] { one.GetProperty("column").GetString()!, one.GetProperty("importance").GetDouble().ToString("G4", CultureInfo.InvariantCulture) })];
        terminal.Out.WriteLine();
        terminal.WriteTable(new TextTable(["column", importances.GetProperty("measure").GetString()!], rows) { RightAligned = new HashSet<int> { 1 } });
    }

    private static async Task<string> ChampionAsync(JobClient client, string path, CancellationToken cancellationToken)
    {
        var model = await client.GetAsync(path, cancellationToken).ConfigureAwait(false);
        return model.GetProperty("aliases").TryGetProperty("champion", out var champion)
            ? champion.GetString()!
            : throw CommandException.Failed("The model has no champion; name a version.");
    }

    private static string TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => "-",
        JsonValueKind.Array => value.GetArrayLength() == 0 ? "-" : string.Join(" ", value.EnumerateArray()),
        _ => value.ToString(),
    };
}

using System.CommandLine;
using System.Text.Json;
using OrleansMl.Cli.CommandLine;
using OrleansMl.Cli.Http;
using OrleansMl.Cli.Output;

namespace OrleansMl.Cli.Commands;

/// <summary><c>models</c>: the models of a server, their aliases and versions.</summary>
internal sealed class ModelsCommand(Terminal terminal)
{
    private readonly Option<Uri?> _url = SharedOptions.Server();

    public Command Build()
    {
        var command = new Command("models", "List models with their aliases and versions.") { _url };
        command.SetAction((parsed, cancellationToken) => Task.FromResult(Run(parsed, cancellationToken)));
        return command;
    }

    private int Run(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var connection = new ApiConnection(SharedOptions.ServerOf(parsed, _url));
        var rows = new List<string[]>();
        foreach (var model in new PagedList(connection, "/api/v1/models").Read(cancellationToken))
            rows.Add([model.GetProperty("name").ToString(), Aliases(model), Versions(model)]);
        if (rows.Count == 0)
            terminal.Error.WriteLine($"{connection.Server} has no models.");
        else
            terminal.WriteTable(new TextTable(["model", "aliases", "versions"], rows));
        return ExitCode.Done;
    }

    private static string Aliases(JsonElement model) =>
        model.TryGetProperty("aliases", out var aliases) && aliases.ValueKind == JsonValueKind.Object
            ? string.Join(" ", aliases.EnumerateObject().Select(alias => $"{alias.Name}={alias.Value}"))
            : "";

    private static string Versions(JsonElement model) =>
        model.TryGetProperty("versions", out var versions) && versions.ValueKind == JsonValueKind.Array
            ? string.Join(" ", versions.EnumerateArray().Select(Version))
            : "";

    private static string Version(JsonElement version) =>
        version.ValueKind != JsonValueKind.Object
            ? version.ToString()
            : version.TryGetProperty("state", out var state) ? $"{version.GetProperty("version")}:{state}" : version.GetProperty("version").ToString();
}

using System.CommandLine;
using System.Text.Json;
using OrleansMl.Cli.CommandLine;
using OrleansMl.Cli.Http;
using OrleansMl.Cli.Output;

namespace OrleansMl.Cli.Commands;

/// <summary><c>learner MODEL</c>: how a model's online learner stands.</summary>
internal sealed class LearnerCommand(Terminal terminal)
{
    private readonly Argument<string> _model = new("MODEL") { Description = "Name of the model." };
    private readonly Option<Uri?> _url = SharedOptions.Server();

    public Command Build()
    {
        var command = new Command("learner", "Show how a model's online learner stands.") { _model, _url };
        command.SetAction((parsed, cancellationToken) => Task.FromResult(Run(parsed, cancellationToken)));
        return command;
    }

    private int Run(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var connection = new ApiConnection(SharedOptions.ServerOf(parsed, _url));
        var learner = connection.GetJson($"/api/v1/models/{Uri.EscapeDataString(parsed.GetRequiredValue(_model))}/learner", cancellationToken);
        terminal.WriteTable(new TextTable(["learner", "value"], [.. Leaves("", learner)]));
        return ExitCode.Done;
    }

    /// <summary>Members of objects within objects, as <c>loss.windowed</c>.</summary>
    private static IEnumerable<string[]> Leaves(string name, JsonElement element) =>
        element.ValueKind == JsonValueKind.Object
            ? element.EnumerateObject().SelectMany(member => Leaves(name.Length == 0 ? member.Name : $"{name}.{member.Name}", member.Value))
            : [[name, element.ValueKind == JsonValueKind.Null ? "-" : element.ToString()]];
}

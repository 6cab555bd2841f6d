using System.CommandLine;
using System.Text;
using OrleansMl.Cli.CommandLine;
using OrleansMl.Cli.Http;
using OrleansMl.Cli.Output;

namespace OrleansMl.Cli.Commands;

/// <summary><c>rollout MODEL VERSION</c>: rolls a version out.</summary>
internal sealed class RolloutCommand(Terminal terminal)
{
    private readonly Argument<string> _model = new("MODEL") { Description = "Name of the model." };
    private readonly Argument<int> _version = new("VERSION") { Description = "The version to roll out." };
    private readonly Option<string> _reason = new("--reason") { Description = "Why, for the log.", DefaultValueFactory = _ => "rolled out from the command line" };
    private readonly Option<Uri?> _url = SharedOptions.Server();

    public Command Build()
    {
        var command = new Command("rollout", "Roll a version out: shadow, shares of the calls, then all.") { _model, _version, _reason, _url };
        command.SetAction((parsed, cancellationToken) => Task.FromResult(Run(parsed, cancellationToken)));
        return command;
    }

    private int Run(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var connection = new ApiConnection(SharedOptions.ServerOf(parsed, _url));
        var (model, version) = (parsed.GetRequiredValue(_model), parsed.GetRequiredValue(_version));
        var body = Encoding.UTF8.GetBytes(new System.Text.Json.Nodes.JsonObject
        {
            ["candidate"] = version.ToString(System.Globalization.CultureInfo.InvariantCulture),
            ["reason"] = parsed.GetRequiredValue(_reason),
        }.ToJsonString());
        var rollout = connection.PostJson($"/api/v1/models/{Uri.EscapeDataString(model)}/rollouts", body, cancellationToken);
        terminal.Out.WriteLine($"rollout {rollout.GetProperty("id")} of '{model}': version {rollout.GetProperty("candidate")} against champion {rollout.GetProperty("champion")}, {rollout.GetProperty("stage")}");
        return ExitCode.Done;
    }
}

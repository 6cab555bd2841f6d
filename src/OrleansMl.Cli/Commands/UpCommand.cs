using System.CommandLine;
using OrleansMl.Cli.CommandLine;
using OrleansMl.Cli.Server;
using OrleansMl.Silo;

namespace OrleansMl.Cli.Commands;

/// <summary><c>up</c>: one silo and its gateway, in this process. Signals are the silo's own.</summary>
internal sealed class UpCommand(Func<string, string?> environment)
{
    private readonly Option<string?> _data = new("--data") { Description = "Folder for everything durable (default ./data).", HelpName = "DIR" };
    private readonly Option<int?> _http = SharedOptions.Number("--http", "Port of the HTTP endpoints, 0 for a free one (default 8000).", 0, 65535);
    private readonly Option<int?> _grpc = SharedOptions.Number("--grpc", "Port of the gRPC endpoints, 0 for a free one (default 8001).", 0, 65535);
    private readonly Option<string?> _bind = new("--bind") { Description = "Address to listen at (default 127.0.0.1).", HelpName = "ADDR" };
    private readonly Option<string?> _models = new("--models") { Description = "Model repository to load.", HelpName = "DIR" };
    private readonly Option<bool> _lenient = new("--lenient-config") { Description = "Pass over fields of config.pbtxt that are not supported, instead of refusing the model." };
    private readonly Option<string?> _app = new("--app") { Description = "Application file to apply before the server is ready.", HelpName = "FILE" };
    private readonly Option<string?> _config = new("--config") { Description = "Configuration file.", HelpName = "FILE" };

    public Command Build()
    {
        var command = new Command("up", "Start a server: one silo and its gateway.") { _data, _http, _grpc, _bind, _models, _lenient, _app, _config };
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var input = Console.OpenStandardInput();
        StandardInputWatch.Begin(environment, input, stop);
        return await SiloProgram.RunAsync(Options(parsed), stop.Token).ConfigureAwait(false);
    }

    private UpOptions Options(ParseResult parsed) => new()
    {
        Data = parsed.GetValue(_data),
        HttpPort = parsed.GetValue(_http),
        GrpcPort = parsed.GetValue(_grpc),
        Bind = parsed.GetValue(_bind),
        Models = parsed.GetValue(_models),
        IsConfigLenient = parsed.GetValue(_lenient) ? true : null,
        App = parsed.GetValue(_app),
        Config = parsed.GetValue(_config),
    };
}

using System.CommandLine;
using System.Text;
using System.Text.Json;
using OrleansMl.Cli.CommandLine;
using OrleansMl.Cli.Http;
using OrleansMl.Cli.Output;

namespace OrleansMl.Cli.Commands;

/// <summary><c>apply</c>: sends an application file to a server and shows what changes.</summary>
internal sealed class ApplyCommand(Terminal terminal)
{
    private readonly Argument<string> _file = new("FILE") { Description = "Application file (YAML or JSON)." };
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Say what would change, and change nothing." };
    private readonly Option<bool> _allowReset = new("--allow-reset") { Description = "Allow a change that starts a new learner; its old versions stay." };
    private readonly Option<Uri?> _url = SharedOptions.Server();

    public Command Build()
    {
        var command = new Command("apply", "Apply an application.") { _file, _dryRun, _allowReset, _url };
        command.SetAction((parsed, cancellationToken) => Task.FromResult(Run(parsed, cancellationToken)));
        return command;
    }

    private int Run(ParseResult parsed, CancellationToken cancellationToken)
    {
        var file = parsed.GetRequiredValue(_file);
        var dryRun = parsed.GetValue(_dryRun);
        using var connection = new ApiConnection(SharedOptions.ServerOf(parsed, _url));
        var answer = connection.Reach(() => new ApplicationUpload(connection).Send(file, dryRun, parsed.GetValue(_allowReset), cancellationToken));
        if (answer.IsSuccess)
        {
            ShowChanges(answer, dryRun);
            return ExitCode.Done;
        }

        ShowFaults(answer, file);
        return (int)answer.Status == 400 ? ExitCode.Invalid : ExitCode.Failed;
    }

    private void ShowChanges(ApiAnswer answer, bool dryRun)
    {
        using var document = JsonDocument.Parse(answer.Body);
        var result = document.RootElement;
        var rows = result.GetProperty("changes").EnumerateArray().Select(change => new[]
        {
            Text(change, "action"),
            Text(change, "kind"),
            Text(change, "name"),
            change.TryGetProperty("keepsState", out var keeps) && keeps.ValueKind == JsonValueKind.False ? "ends" : "stays",
            Text(change, "detail"),
        }).ToList();
        terminal.WriteTable(new TextTable(["action", "kind", "name", "state", "detail"], rows));
        terminal.Out.WriteLine(dryRun
            ? $"application '{Text(result, "application")}': nothing was changed (--dry-run)"
            : $"application '{Text(result, "application")}' is at revision {Text(result, "revision")}");
    }

    /// <summary>One line for each fault, in the form that editors jump to.</summary>
    private void ShowFaults(ApiAnswer answer, string file)
    {
        var shown = false;
        try
        {
            using var document = JsonDocument.Parse(answer.Body);
            if (document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("errors", out var errors) && errors.ValueKind == JsonValueKind.Array)
            {
                foreach (var error in errors.EnumerateArray())
                {
                    terminal.Error.WriteLine(Place(file, error) + Text(error, "detail"));
                    shown = true;
                }
            }
        }
        catch (JsonException)
        {
            // Shown as it is, below.
        }

        if (!shown)
            terminal.Error.WriteLine($"{file}: {answer.Fault}");
    }

    private static string Place(string file, JsonElement error)
    {
        var place = new StringBuilder(file);
        foreach (var name in (string[])["line", "column"])
        {
            if (error.TryGetProperty(name, out var number) && number.ValueKind == JsonValueKind.Number)
                place.Append(':').Append(number.GetRawText());
        }

        return place.Append(": ").ToString();
    }

    private static string Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value.ToString() : "";
}

using Spectre.Console;

namespace OrleansMl.Cli.Output;

/// <summary>
/// Where a command speaks: results to standard output, everything else to standard error. On a terminal tables have
/// frames and progress is a bar; elsewhere (a file, a pipe, CI) all is plain text. NO_COLOR is honoured.
/// </summary>
internal sealed class Terminal
{
    private readonly IAnsiConsole? _richOut;
    private readonly IAnsiConsole? _richError;

    private Terminal(TextWriter output, TextWriter error, IAnsiConsole? richOut, IAnsiConsole? richError)
    {
        (Out, Error) = (output, error);
        (_richOut, _richError) = (richOut, richError);
    }

    public TextWriter Out { get; }

    public TextWriter Error { get; }

    /// <summary>Speaks to the process's own streams.</summary>
    public static Terminal OfProcess(Func<string, string?> environment)
    {
        var automated = !string.IsNullOrEmpty(environment("CI")) || environment("TERM") == "dumb";
        var colours = string.IsNullOrEmpty(environment("NO_COLOR"));
        return new(
            Console.Out,
            Console.Error,
            automated || Console.IsOutputRedirected ? null : Rich(Console.Out, colours),
            automated || Console.IsErrorRedirected ? null : Rich(Console.Error, colours));
    }

    /// <summary>Plain text into two writers.</summary>
    public static Terminal Plain(TextWriter output, TextWriter error) => new(output, error, null, null);

    public void WriteTable(TextTable table)
    {
        if (_richOut is null)
        {
            Out.Write(table.ToPlainText());
            return;
        }

        var rich = new Table().Border(TableBorder.Rounded);
        for (var column = 0; column < table.Headers.Count; column++)
        {
            var head = new TableColumn(new Text(table.Headers[column], new Style(decoration: Decoration.Bold)));
            rich.AddColumn(table.RightAligned.Contains(column) ? head.RightAligned() : head);
        }

        foreach (var row in table.Rows)
            rich.AddRow(row.Select(cell => new Text(cell)));
        _richOut.Write(rich);
    }

    /// <summary>Runs work that reports how far it is: a bar on a terminal, a line every ten seconds elsewhere.</summary>
    public async Task<T> WithProgressAsync<T>(string title, long total, Func<IProgress<ProgressNote>, Task<T>> work)
    {
        if (_richError is null)
            return await work(new ProgressLines(Error, title, total, TimeProvider.System)).ConfigureAwait(false);

        return await _richError.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(context => work(new ProgressBar(context.AddTask(Markup.Escape(title), maxValue: Math.Max(1, total)), title)))
            .ConfigureAwait(false);
    }

    private static IAnsiConsole Rich(TextWriter writer, bool colours) => AnsiConsole.Create(new AnsiConsoleSettings
    {
        Out = new AnsiConsoleOutput(writer),
        ColorSystem = colours ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
    });

    private sealed class ProgressBar(ProgressTask task, string title) : IProgress<ProgressNote>
    {
        public void Report(ProgressNote value)
        {
            task.Value = value.Done;
            task.Description = Markup.Escape($"{title}  {value.Text}");
        }
    }
}

using System.Collections.Immutable;
using System.Globalization;
using System.Threading.Channels;
using OrleansMl.Storage;
using OrleansMl.Training;

namespace OrleansMl.Jobs;

/// <summary>
/// The work of one attempt in a process of its own, at the lowest priority: in a folder that no other attempt writes to, into which it
/// takes over what the attempt before has finished.
/// </summary>
/// <param name="context">Of the attempt.</param>
/// <param name="datasets">Where the folder lies.</param>
/// <param name="options">Limits of the process.</param>
/// <param name="fraction">How far the whole job is, by the step that the job shows and how far the program is.</param>
internal sealed class WorkProcess(IJobContext context, IDatasetStore datasets, JobOptions options, Func<string, double, double> fraction)
{
    private const string Program = "OrleansMl.Training";

    private ImmutableSortedDictionary<string, double> _metrics = ImmutableSortedDictionary<string, double>.Empty;
    private volatile string _step = "";
    private double _share;
    private Func<string, string> _next = step => step;

    /// <summary>Name of the scratch folder.</summary>
    public string Name { get; } = string.Create(CultureInfo.InvariantCulture, $"{context.JobId}.{context.Attempt}.work");

    /// <summary>Its path.</summary>
    public string Folder { get; private set; } = "";

    /// <summary>Figures that the job shows beside the trainer's.</summary>
    public ImmutableSortedDictionary<string, double> Figures { get; set; } = ImmutableSortedDictionary<string, double>.Empty;

    /// <summary>What the program warns of.</summary>
    public List<string> Warnings { get; } = [];

    /// <summary>Makes the folder, with the plan and with what is done already.</summary>
    /// <param name="write">Writes the plan into the folder.</param>
    /// <param name="next">The step that the job shows once one of the program's is done.</param>
    /// <param name="before">Folder of an earlier attempt; null: there is none.</param>
    public void Prepare(Action<string> write, Func<string, string> next, string? before)
    {
        if (Folder.Length > 0)
            return;
        _next = next;
        Folder = datasets.CreateScratchFolder(Name);
        write(Folder);
        if (before is not null && before != Name && Path.Combine(Path.GetDirectoryName(Folder)!, before) is var earlier && Directory.Exists(earlier))
            WorkJournal.Open(Folder).Inherit(WorkJournal.Open(earlier));
    }

    /// <summary>Runs the program until all is done that the folder asks for.</summary>
    /// <param name="first">The step that it begins with, as the job shows it.</param>
    /// <param name="done">Called as each step is done, on the job's thread.</param>
    /// <returns>Why it could not be done; null: it is done.</returns>
    /// <exception cref="OperationCanceledException">The attempt is over; nothing of the program is left.</exception>
    public async Task<OmlError?> RunAsync(string first, Func<string, Task> done)
    {
        _step = first;
        var limits = new ProcessLimits { Time = options.TrainingTime, MemoryBytes = options.TrainingMemoryBytes, FolderBytes = options.TrainingFolderBytes };
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.Cancellation);
        var said = Channel.CreateUnbounded<(string Level, string Text)>(new UnboundedChannelOptions { SingleReader = true });
        var running = RunAsync(limits, said.Writer, stop.Token);
        try
        {
            // What it says is heard in the job's own turn, one thing after the other.
            await foreach (var (level, text) in said.Reader.ReadAllAsync(CancellationToken.None))
                await HearAsync(level, text, done);
        }
        catch
        {
            await stop.CancelAsync();
            await running;
            throw;
        }

        var end = await running;
        context.Cancellation.ThrowIfCancellationRequested();
        if (end.Succeeded)
            return null;
        return end.ExitCode == WorkWords.FailedExitCode && WorkFailure.Read(Folder) is { } failure
            ? new OmlError(failure.Code, 422, failure.Detail)
            : new OmlError(end.Code!, 422, end.Describe("The training", limits)!);
    }

    private async Task<TrainingProcessEnd> RunAsync(ProcessLimits limits, ChannelWriter<(string Level, string Text)> said, CancellationToken cancellationToken)
    {
        var start = new TrainingProcessStart([Path.Combine(AppContext.BaseDirectory, Program), "work", Folder], Folder);
        try
        {
            return await TrainingProcess.RunAsync(start, limits, new Heard(Report), (level, text) => said.TryWrite((level, text)), cancellationToken);
        }
        finally
        {
            said.Complete();
        }
    }

    private async Task HearAsync(string level, string text, Func<string, Task> done)
    {
        if (WorkWords.StepOf(text) is { } step)
        {
            await done(step);
            _step = _next(step);
            Report(_share);
        }
        else if (WorkWords.MetricOf(text) is { } metric)
        {
            ImmutableInterlocked.Update(ref _metrics, static (metrics, one) => metrics.SetItem(one.Name, one.Value), metric);
        }
        else if (WorkWords.WarningOf(text) is { } warning)
        {
            Warnings.Add(warning);
            await context.LogAsync("warning", warning);
        }
        else
        {
            await context.LogAsync(level, text);
        }
    }

    private void Report(double share)
    {
        _share = share;
        context.Report(_step, fraction(_step, share), Figures.SetItems(_metrics));
    }

    private sealed class Heard(Action<double> report) : IProgress<double>
    {
        public void Report(double value) => report(value);
    }
}

using System.Collections.Immutable;
using System.Globalization;

namespace OrleansMl.Jobs;

/// <summary>How a silo runs jobs: the section <c>Jobs</c> of its configuration.</summary>
public sealed class JobOptions
{
    private const string Section = "Jobs";

    /// <summary>Whether this silo runs jobs; where it does not, others do.</summary>
    public bool Run { get; set; } = true;

    /// <summary>Jobs that run at once in a silo, each with a thread of its own, 1 to 64. Others wait, the oldest first.</summary>
    public int Concurrency { get; set; } = 2;

    /// <summary>Of these, jobs of one kind at once; a kind that is not named has no limit of its own. One retraining, unless set otherwise.</summary>
    public IDictionary<string, int> PerKind { get; } = new Dictionary<string, int>(StringComparer.Ordinal) { ["retrain"] = 1 };

    /// <summary>Attempts in a row that come to no checkpoint before a job is given up, 1 to 1000.</summary>
    public int MaxIdleAttempts { get; set; } = 5;

    /// <summary>How often progress is said, above 0 to 1 minute.</summary>
    public TimeSpan ReportEvery { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How often a job that can do so saves a checkpoint: what a crash repeats at most. From 0 (as often as it can) to 1 hour.</summary>
    public TimeSpan CheckpointEvery { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a job waits for what is unavailable (a model that loads, a full queue) before the attempt ends. Up to 1 day.</summary>
    public TimeSpan Patience { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Batches that a job of batch scoring has in flight at once, 1 to 64: what it may take of the model from others.</summary>
    public int BatchesInFlight { get; set; } = 2;

    /// <summary>Rows of a batch where each row is a prediction for an entity, 1 to 4096: they are in flight at once.</summary>
    public int EntityRows { get; set; } = 64;

    /// <summary>Bytes of a data set that is uploaded, at most.</summary>
    public long MaxDatasetBytes { get; set; } = 16L << 30;

    /// <summary>Bytes of a row of a data set, at most, 1 KiB to 256 MiB.</summary>
    public int MaxRowBytes { get; set; } = 8 << 20;

    /// <summary>How long the process of a retraining or a fine-tuning may run, up to 30 days.</summary>
    public TimeSpan TrainingTime { get; set; } = TimeSpan.FromHours(6);

    /// <summary>Memory of such a process, at most, from 64 MiB.</summary>
    public long TrainingMemoryBytes { get; set; } = 8L << 30;

    /// <summary>Files in its working folder, at most, from 1 MiB.</summary>
    public long TrainingFolderBytes { get; set; } = 16L << 30;

    /// <summary>How long a job that has ended is kept, with its log and its results, from 1 minute to 100 years.</summary>
    public TimeSpan KeepEnded { get; set; } = TimeSpan.FromDays(30);

    /// <summary>Jobs of a kind that have ended, at most, 1 to 1,000,000: of more the oldest go. Those that made a version which is there are kept and do not count.</summary>
    public int MaxEnded { get; set; } = 10_000;

    /// <summary>What is wrong, each with the option, its value and the remedy; empty: nothing.</summary>
    public ImmutableArray<string> Faults()
    {
        var faults = ImmutableArray.CreateBuilder<string>();
        Range(Concurrency, 1, 64, nameof(Concurrency));
        Range(MaxIdleAttempts, 1, 1000, nameof(MaxIdleAttempts));
        Range(BatchesInFlight, 1, 64, nameof(BatchesInFlight));
        Range(EntityRows, 1, 4096, nameof(EntityRows));
        Range(MaxRowBytes, 1 << 10, 256 << 20, nameof(MaxRowBytes));
        Range(MaxEnded, 1, 1_000_000, nameof(MaxEnded));
        foreach (var (kind, limit) in PerKind)
            Range(limit, 1, 64, $"{nameof(PerKind)}:{kind}");
        if (MaxDatasetBytes <= 0)
            faults.Add(Text($"{Section}:MaxDatasetBytes is {MaxDatasetBytes}; give a number of bytes above 0."));
        if (ReportEvery <= TimeSpan.Zero || ReportEvery > TimeSpan.FromMinutes(1))
            faults.Add(Text($"{Section}:ReportEvery is {ReportEvery}; give a time above 0, up to 00:01:00."));
        if (CheckpointEvery < TimeSpan.Zero || CheckpointEvery > TimeSpan.FromHours(1))
            faults.Add(Text($"{Section}:CheckpointEvery is {CheckpointEvery}; give a time from 0 to 01:00:00."));
        if (Patience < TimeSpan.Zero || Patience > TimeSpan.FromDays(1))
            faults.Add(Text($"{Section}:Patience is {Patience}; give a time from 0 to one day."));
        if (TrainingTime <= TimeSpan.Zero || TrainingTime > TimeSpan.FromDays(30))
            faults.Add(Text($"{Section}:TrainingTime is {TrainingTime}; give a time above 0, up to 30 days."));
        if (KeepEnded < TimeSpan.FromMinutes(1) || KeepEnded > TimeSpan.FromDays(36_500))
            faults.Add(Text($"{Section}:KeepEnded is {KeepEnded}; give a time from 00:01:00 to 36500 days."));
        if (TrainingMemoryBytes < 64L << 20)
            faults.Add(Text($"{Section}:TrainingMemoryBytes is {TrainingMemoryBytes}; give {64L << 20} or more."));
        if (TrainingFolderBytes < 1L << 20)
            faults.Add(Text($"{Section}:TrainingFolderBytes is {TrainingFolderBytes}; give {1L << 20} or more."));
        return faults.ToImmutable();

        void Range(int value, int least, int most, string name)
        {
            if (value < least || value > most)
                faults.Add(Text($"{Section}:{name} is {value}; give {least} to {most}."));
        }
    }

    /// <exception cref="ArgumentException">An option cannot be used; the message names it and the remedy.</exception>
    public void Validate()
    {
        var faults = Faults();
        if (!faults.IsEmpty)
            throw new ArgumentException(string.Join(' ', faults));
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

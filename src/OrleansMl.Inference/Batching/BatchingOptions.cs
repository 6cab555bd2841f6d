using System.Collections.Immutable;
using System.Globalization;

namespace OrleansMl.Inference;

/// <summary>How one replica of a model gathers requests into batches. Sizes are rows: the first dimension of the inputs.</summary>
public sealed record BatchingOptions
{
    /// <summary>Levels of priority at most: each has a queue.</summary>
    public const int MaxPriorityLevels = 1024;

    private static readonly TimeSpan s_maxDelay = TimeSpan.FromMinutes(1);

    /// <summary>Rows of the largest batch, ≥ 1; 1 runs every request by itself. A larger request is refused, or see <see cref="RunsLargerAlone"/>.</summary>
    public int MaxBatchRows { get; init; } = 32;

    /// <summary>A request with more rows than a batch may have runs by itself instead of being refused.</summary>
    public bool RunsLargerAlone { get; init; }

    /// <summary>
    /// Sizes at which a batch is sent without waiting for more, ascending, each in [1, <see cref="MaxBatchRows"/>]. Sizes for
    /// which an engine was tuned; empty, the default, is right for most models.
    /// </summary>
    public ImmutableArray<int> PreferredRows { get; init; } = [];

    /// <summary>
    /// Longest time for which an idle session waits for a batch to grow, in [0, 1 min]. 0, the default, is greedy: an idle
    /// session takes what is there, and batches grow only while all sessions are busy. Other values end on a tick of the
    /// clock's timers: 1 ms on the system's.
    /// </summary>
    public TimeSpan QueueDelay { get; init; }

    /// <summary>Batches that run at once, ≥ 1.</summary>
    public int Instances { get; init; } = 1;

    /// <summary>Priority levels, ≥ 1; level 1 goes before level 2, and so on.</summary>
    public int PriorityLevels { get; init; } = 1;

    /// <summary>Level of requests that name none, or one that does not exist.</summary>
    public int DefaultPriority { get; init; } = 1;

    /// <summary>Policy of every level that has none of its own.</summary>
    public QueuePolicy QueuePolicy { get; init; } = QueuePolicy.Default;

    /// <summary>Policies by level.</summary>
    public ImmutableSortedDictionary<int, QueuePolicy> LevelPolicies { get; init; } = ImmutableSortedDictionary<int, QueuePolicy>.Empty;

    /// <summary>Admission by expected latency; null: off.</summary>
    public AdaptiveBatching? Adaptive { get; init; }

    /// <summary>
    /// Run three made-up rows alone and together before the first request, and never batch outputs in which they differ.
    /// Four short runs; a model that refuses made-up values is not judged.
    /// </summary>
    public bool ProbeRows { get; init; } = true;

    /// <summary>
    /// For tests: nothing runs until this many requests wait, once; 0: off. Makes the batches of concurrent requests
    /// foreseeable, as <c>TRITONSERVER_DELAY_SCHEDULER</c> does in Triton.
    /// </summary>
    public int HoldUntilQueued { get; init; }

    /// <summary>What is wrong with the options, each with the option, its value and the remedy; empty: nothing.</summary>
    public ImmutableArray<string> Faults()
    {
        var faults = ImmutableArray.CreateBuilder<string>();
        AtLeastOne(nameof(MaxBatchRows), MaxBatchRows);
        AtLeastOne(nameof(Instances), Instances);
        if (PriorityLevels is < 1 or > MaxPriorityLevels)
            faults.Add(Text($"PriorityLevels is {PriorityLevels}; write 1 to {MaxPriorityLevels}."));
        if (DefaultPriority < 1 || DefaultPriority > PriorityLevels)
            faults.Add(Text($"DefaultPriority is {DefaultPriority}; write a level from 1 to {PriorityLevels} (PriorityLevels)."));
        if (QueueDelay < TimeSpan.Zero || QueueDelay > s_maxDelay)
            faults.Add(Text($"QueueDelay is {QueueDelay}; write a time from 0 (greedy) to {s_maxDelay}."));
        if (HoldUntilQueued < 0)
            faults.Add(Text($"HoldUntilQueued is {HoldUntilQueued}; write 0 (off) or a number of requests."));
        if (Adaptive is { } adaptive && adaptive.LatencyTarget <= TimeSpan.Zero)
            faults.Add(Text($"Adaptive.LatencyTarget is {adaptive.LatencyTarget}; write a time above 0, or leave Adaptive out."));
        Preferred();
        Policy(nameof(QueuePolicy), QueuePolicy);
        foreach (var (level, policy) in LevelPolicies)
        {
            if (level < 1 || level > PriorityLevels)
                faults.Add(Text($"LevelPolicies has level {level}; write a level from 1 to {PriorityLevels} (PriorityLevels), or raise PriorityLevels."));
            Policy(Text($"LevelPolicies[{level}]"), policy);
        }

        return faults.ToImmutable();

        void AtLeastOne(string option, int value)
        {
            if (value < 1)
                faults.Add(Text($"{option} is {value}; write 1 or more."));
        }

        void Preferred()
        {
            if (PreferredRows.IsDefault)
            {
                faults.Add("PreferredRows is not set; write [] for none.");
                return;
            }

            for (var i = 0; i < PreferredRows.Length; i++)
            {
                var rows = PreferredRows[i];
                if (rows < 1 || rows > MaxBatchRows)
                    faults.Add(Text($"PreferredRows has {rows}; write sizes from 1 to {MaxBatchRows} (MaxBatchRows), or raise MaxBatchRows."));
                else if (i > 0 && rows <= PreferredRows[i - 1])
                    faults.Add(Text($"PreferredRows has {rows} after {PreferredRows[i - 1]}; write each size once, in ascending order."));
            }
        }

        void Policy(string option, QueuePolicy policy)
        {
            AtLeastOne($"{option}.MaxQueued", policy.MaxQueued);
            if (policy.DefaultTimeout is { } timeout && (timeout <= TimeSpan.Zero || timeout > QueuePolicy.MaxTimeout))
                faults.Add(Text($"{option}.DefaultTimeout is {timeout}; write a time above 0 and up to {QueuePolicy.MaxTimeout}, or leave it out for none."));
            if (!Enum.IsDefined(policy.TimeoutAction))
                faults.Add(Text($"{option}.TimeoutAction is {policy.TimeoutAction}; write Reject or Delay."));
        }
    }

    /// <summary>The level that a request runs at.</summary>
    /// <param name="requested">What it asks for; 0, or a level that does not exist, is the default, as in Triton.</param>
    public int LevelFor(int requested) => requested >= 1 && requested <= PriorityLevels ? requested : DefaultPriority;

    /// <summary>The policy of a level.</summary>
    public QueuePolicy PolicyOf(int level) => LevelPolicies.GetValueOrDefault(level, QueuePolicy);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

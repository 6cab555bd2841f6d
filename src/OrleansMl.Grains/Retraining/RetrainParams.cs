using System.Text.Json;
using OrleansMl.Evaluations;
using OrleansMl.Jobs;
using OrleansMl.Training;
using OrleansMl.Wire;

namespace OrleansMl.Retraining;

/// <summary>Parameters of a retraining.</summary>
internal sealed record RetrainParams
{
    public const string Auto = "auto";
    public const string Register = "register";

    /// <summary>Rows that a retraining needs, unless it says otherwise.</summary>
    public const int DefaultMinRows = 500;

    private const int MaxThreads = 256;

    /// <summary>What is not learned from is at most this share of the rows.</summary>
    private const double MaxShare = 0.9;

    private static readonly MemberTable s_table = new("label", "weight", "split", "minRows", "promote", "threads");
    private static readonly MemberTable s_split = new("by", "test", "validation", "gap");

    /// <summary>Of a data set: the column with the truth; null: the target's name.</summary>
    public string? Label { get; init; }

    /// <summary>Of a data set: the column with the rows' weights; null: all are 1.</summary>
    public string? Weight { get; init; }

    public SplitPlan Split { get; init; } = SplitPlan.Default;

    /// <summary>With fewer rows it fails.</summary>
    public int MinRows { get; init; } = DefaultMinRows;

    /// <summary>What is better than the champion takes its place, by the model's rollout where it has one; else it is only registered.</summary>
    public bool Promotes { get; init; } = true;

    /// <summary>Of the fit.</summary>
    public int Threads { get; init; } = 1;

    /// <param name="json">Null: nothing is given.</param>
    /// <param name="defaults">For what is not given.</param>
    public static OmlResult<RetrainParams> Read(string? json, RetrainParams defaults)
    {
        return json is null ? defaults : JobValues.Parse(json, "/params", ReadMembers);

        RetrainParams ReadMembers(ref StrictReader reader) => Read(ref reader, defaults);
    }

    /// <summary>All of them, as a job has them.</summary>
    public string ToJson() => JsonSerializer.Serialize(new Dictionary<string, object?>
    {
        ["label"] = Label,
        ["weight"] = Weight,
        ["split"] = new Dictionary<string, object> { ["by"] = Split.By, ["test"] = Split.Test, ["validation"] = Split.Validation, ["gap"] = Split.Gap },
        ["minRows"] = MinRows,
        ["promote"] = Promotes ? Auto : Register,
        ["threads"] = Threads,
    });

    private static RetrainParams Read(ref StrictReader reader, RetrainParams read)
    {
        reader.ExpectObject("params");
        ulong seen = 0;
        for (int member; (member = reader.NextMember(s_table, ref seen)) >= 0;)
        {
            if (reader.IsNull)
                continue;
            read = member switch
            {
                0 => read with { Label = BodyValues.ReadId(ref reader, "label") },
                1 => read with { Weight = BodyValues.ReadId(ref reader, "weight") },
                2 => read with { Split = ReadSplit(ref reader, read.Split) },
                3 => read with { MinRows = (int)reader.ReadInt64("minRows", RowSplit.Fewest, int.MaxValue) },
                4 => read with { Promotes = JobValues.OneOf(ref reader, "promote", Auto, Register) == Auto },
                _ => read with { Threads = (int)reader.ReadInt64("threads", 1, MaxThreads) },
            };
        }

        return read;
    }

    private static SplitPlan ReadSplit(ref StrictReader reader, SplitPlan read)
    {
        reader.ExpectObject("split");
        ulong seen = 0;
        for (int member; (member = reader.NextMember(s_split, ref seen)) >= 0;)
        {
            read = member switch
            {
                0 => read with { By = JobValues.OneOf(ref reader, "by", SplitPlan.Time, SplitPlan.Random) },
                1 => read with { Test = reader.ReadDouble("test", 0.01, MaxShare) },
                2 => read with { Validation = reader.ReadDouble("validation", 0, MaxShare) },
                _ => read with { Gap = (int)reader.ReadInt64("gap", 0, int.MaxValue) },
            };
        }

        return read.Test + read.Validation > 0.95
            ? throw reader.Fault("out_of_range", $"test {read.Test} and validation {read.Validation} leave too little to learn from; together they may be 0.95.")
            : read;
    }
}

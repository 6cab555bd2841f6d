using System.Collections.Immutable;
using OrleansMl.Retraining;
using OrleansMl.Training;
using OrleansMl.Wire;

namespace OrleansMl.Jobs.FineTune;

/// <summary>Parameters of a job that learns the head of a network.</summary>
internal sealed record FineTuneParams
{
    private static readonly MemberTable s_table = new(
        "label", "columns", "classes", "rehearsal", "epochs", "holdout", "delta", "batchRows", "learningRate", "momentum", "reservoir", "replay", "balanced", "ewc", "clipGradient", "holdoutBy", "promote");

    /// <summary>Column with the truth.</summary>
    public string Label { get; init; } = "label";

    /// <summary>Columns that make up the network's input, in order; empty: by name, or all but the label.</summary>
    public ImmutableArray<string> Columns { get; init; } = [];

    /// <summary>Names of the classes as the label says them, those that the network has first; empty: the label is the class's number.</summary>
    public ImmutableArray<string> Classes { get; init; } = [];

    /// <summary>Data set of what the network knew before: it fills the reservoir, and its held-out rows are the gate. Null: none.</summary>
    public string? Rehearsal { get; init; }

    public int Epochs { get; init; } = 5;

    /// <summary>Share of each data set's rows that is not learned but judged on.</summary>
    public double Holdout { get; init; } = 0.2;

    /// <summary>random: by the seed; time: the last rows of each data set.</summary>
    public string HoldoutBy { get; init; } = SplitPlan.Random;

    /// <summary>What is better takes the place of a champion that is its parent; else it is only registered.</summary>
    public bool Promotes { get; init; }

    /// <summary>How much worse the new head may be on the held-out rows of before: of the accuracy, or of the squared error relative to what it was.</summary>
    public double Delta { get; init; } = 0.01;

    /// <summary>Rows that are embedded together.</summary>
    public int BatchRows { get; init; } = 64;

    /// <summary>Parameters of the learner <c>head</c>.</summary>
    public ImmutableSortedDictionary<string, object> Learner { get; init; } = ImmutableSortedDictionary<string, object>.Empty;

    /// <summary>Reads a JSON object; null: nothing is given.</summary>
    public static OmlResult<FineTuneParams> Read(string? json) => json is null ? new FineTuneParams() : JobValues.Parse(json, "/params", Read);

    private static FineTuneParams Read(ref StrictReader reader)
    {
        reader.ExpectObject("params");
        ulong seen = 0;
        var read = new FineTuneParams();
        for (int member; (member = reader.NextMember(s_table, ref seen)) >= 0;)
        {
            read = member switch
            {
                0 => read with { Label = reader.ReadString("label") },
                1 => read with { Columns = BodyValues.ReadStrings(ref reader, "columns") },
                2 => read with { Classes = BodyValues.ReadStrings(ref reader, "classes") },
                3 => read with { Rehearsal = reader.ReadString("rehearsal") },
                4 => read with { Epochs = (int)reader.ReadInt64("epochs", 1, 1000) },
                5 => read with { Holdout = reader.ReadDouble("holdout", 0.01, 0.9) },
                6 => read with { Delta = reader.ReadDouble("delta", 0, 1) },
                7 => read with { BatchRows = (int)reader.ReadInt64("batchRows", 1, 4096) },
                12 => read with { Learner = read.Learner.SetItem("balanced", reader.ReadBool("balanced")) },
                15 => read with { HoldoutBy = JobValues.OneOf(ref reader, "holdoutBy", SplitPlan.Time, SplitPlan.Random) },
                16 => read with { Promotes = JobValues.OneOf(ref reader, "promote", RetrainParams.Auto, RetrainParams.Register) == RetrainParams.Auto },
                _ => read with { Learner = Set(read.Learner, ref reader, member) },
            };
        }

        return read;
    }

    /// <summary>Whether the learner takes the value is the learner's to say.</summary>
    private static ImmutableSortedDictionary<string, object> Set(ImmutableSortedDictionary<string, object> learner, ref StrictReader reader, int member)
    {
        var name = member switch { 8 => "learningRate", 9 => "momentum", 10 => "reservoir", 11 => "replay", 13 => "ewc", _ => "clipGradient" };
        return learner.SetItem(name, reader.ReadDouble(name));
    }
}

using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;
using OrleansMl.Learning;

namespace OrleansMl.Training;

/// <summary>
/// Everything that the learning of a head depends on, and nothing else: equal plans give equal networks, on the same kind of machine. It lies as
/// <see cref="FileName"/> in the folder of the work, beside the network as <see cref="ParentFile"/>.
/// </summary>
public sealed record HeadPlan
{
    public const string FileName = "head.json";
    public const string ParentFile = "parent.onnx";

    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { WriteIndented = true, Converters = { new ParameterValueConverter() } };

    /// <summary>SHA-256 of the network's file.</summary>
    public required string ParentHash { get; init; }

    /// <summary>What is learned.</summary>
    public required HeadRows Fresh { get; init; }

    /// <summary>What it knew before; null: not given.</summary>
    public HeadRows? Old { get; init; }

    /// <summary>0: a value is learned; else the classes that the new head has, at least those of the network's own.</summary>
    public required int Classes { get; init; }

    /// <summary>Names of the classes, for a network that answers with texts; empty: none are given.</summary>
    public ImmutableArray<string> ClassNames { get; init; } = [];

    /// <summary>Parameters of the learner <c>head</c>: double, bool or string.</summary>
    public ImmutableSortedDictionary<string, object> Parameters { get; init; } = ImmutableSortedDictionary<string, object>.Empty;

    public required int Epochs { get; init; }

    /// <summary>Rows that are embedded together; a part of what the network depends on, as sums of a batch are rounded by its size.</summary>
    public required int BatchRows { get; init; }

    /// <summary>Share of each file's rows that is not learned but judged on, in (0, 1).</summary>
    public required double Holdout { get; init; }

    /// <summary><see cref="SplitPlan.Random"/>: by the seed; <see cref="SplitPlan.Time"/>: the last rows of the file.</summary>
    public required string HoldoutBy { get; init; }

    public required long Seed { get; init; }

    /// <summary>SHA-256 of what the network depends on, in lower-case hexadecimal.</summary>
    public string Hash() => Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(this with { Fresh = Fresh with { File = "" }, Old = Old is null ? null : Old with { File = "" } }, s_json)));

    /// <summary>Which of so many rows are learned, and which are judged on.</summary>
    public DataSplit SplitOf(int rows) => Splitter.HoldOut(rows, Holdout, HoldoutBy == SplitPlan.Random ? Seed : null);

    /// <summary>The learner before it has seen anything: the network's own head, with rows for the classes that come.</summary>
    /// <exception cref="LearnerException">A parameter is not admitted, or there are too many classes.</exception>
    public static IHeadLearner Start(HeadModel head, int classes, IReadOnlyDictionary<string, object> parameters, long seed)
    {
        var learner = HeadLearners.Start(head, parameters, seed);
        return classes > learner.Classes ? learner.WithClasses(classes) : learner;
    }

    /// <exception cref="JsonException">It is no plan.</exception>
    public static HeadPlan Read(string folder) =>
        JsonSerializer.Deserialize<HeadPlan>(File.ReadAllBytes(Path.Combine(folder, FileName)), s_json) ?? throw new JsonException("The plan is null.");

    public void Write(string folder) => File.WriteAllBytes(Path.Combine(folder, FileName), JsonSerializer.SerializeToUtf8Bytes(this, s_json));
}

/// <summary>Rows as the network takes them.</summary>
/// <param name="File">Where they lie, as a <see cref="VectorFile"/>; no part of what the network depends on.</param>
/// <param name="Hash">SHA-256 of the file.</param>
public sealed record HeadRows(string File, string Hash);

using System.Collections.Immutable;
using OrleansMl.Declaration;
using OrleansMl.Jobs;
using OrleansMl.Wire;

namespace OrleansMl.Evaluations;

/// <summary>Parameters of an evaluation.</summary>
internal sealed record EvaluationParams
{
    /// <summary>Versions of one evaluation, at most.</summary>
    public const int MaxVersions = 8;

    private const int MaxSlices = 8;
    private const int MaxBins = 20;

    private static readonly MemberTable Table = new("versions", "rescore", "metrics", "slices", "policy", "label");
    private static readonly MemberTable SliceTable = new("column", "bins", "quantiles");
    private static readonly MemberTable PolicyTable = new("version", "exploration");
    private static readonly MemberTable ExplorationTable = new("type", "epsilon", "lambda", "scale", "exponent");
    private static readonly MemberTable WindowTable = new("from", "to");

    /// <summary>Of logged answers, only those of these versions; with <see cref="Rescore"/> or a data set, who scores the rows. Empty: all, or the champion.</summary>
    public ImmutableArray<int> Versions { get; init; } = [];

    /// <summary>The versions score the logged vectors anew, so that all are judged on the same rows.</summary>
    public bool Rescore { get; init; }

    /// <summary>As asked; empty: all that fit.</summary>
    public ImmutableArray<string> Metrics { get; init; } = [];

    public ImmutableArray<SliceSpec> Slices { get; init; } = [];

    /// <summary>Null: none is judged.</summary>
    public PolicySpec? Policy { get; init; }

    /// <summary>Of a data set: the column with the truth; null: the target's name.</summary>
    public string? Label { get; init; }

    /// <summary>Reads a JSON object; null: nothing is given.</summary>
    public static OmlResult<EvaluationParams> Read(string? json) => json is null ? new EvaluationParams() : JobValues.Parse(json, "/params", Read);

    /// <summary>Reads {from, to}, both of which may be left out; null: all of the log.</summary>
    public static OmlResult<(DateTime? From, DateTime? To)> ReadWindow(string? json) => json is null ? (null, null) : JobValues.Parse(json, "/window", ReadWindow);

    private static (DateTime? From, DateTime? To) ReadWindow(ref StrictReader reader)
    {
        reader.ExpectObject("window");
        ulong seen = 0;
        DateTime? from = null, to = null;
        for (int member; (member = reader.NextMember(WindowTable, ref seen)) >= 0;)
        {
            if (member == 0)
                from = BodyValues.ReadTimeOrNull(ref reader, "from");
            else
                to = BodyValues.ReadTimeOrNull(ref reader, "to");
        }

        return from is not null && to is not null && from >= to ? throw reader.Fault("invalid", "The window's from is not before its to; swap them.") : (from, to);
    }

    private static EvaluationParams Read(ref StrictReader reader)
    {
        reader.ExpectObject("params");
        ulong seen = 0;
        var read = new EvaluationParams();
        for (int member; (member = reader.NextMember(Table, ref seen)) >= 0;)
        {
            if (reader.IsNull)
                continue;
            read = member switch
            {
                0 => read with { Versions = ReadVersions(ref reader) },
                1 => read with { Rescore = reader.ReadBool("rescore") },
                2 => read with { Metrics = BodyValues.ReadStrings(ref reader, "metrics") },
                3 => read with { Slices = ReadSlices(ref reader) },
                4 => read with { Policy = ReadPolicy(ref reader) },
                _ => read with { Label = BodyValues.ReadId(ref reader, "label") },
            };
        }

        return read;
    }

    private static ImmutableArray<int> ReadVersions(ref StrictReader reader)
    {
        reader.ExpectArray("versions");
        var versions = ImmutableArray.CreateBuilder<int>();
        while (reader.NextElement())
        {
            var version = BodyValues.ReadVersion(ref reader, "A version");
            if (versions.Contains(version))
                throw reader.Fault("repeated_version", $"Version {version} is listed twice; list it once.");
            if (versions.Count == MaxVersions)
                throw reader.Fault("too_many", $"There are more than {MaxVersions} versions, the limit; make several evaluations.");
            versions.Add(version);
        }

        return versions.DrainToImmutable();
    }

    private static ImmutableArray<SliceSpec> ReadSlices(ref StrictReader reader)
    {
        reader.ExpectArray("slices");
        var slices = ImmutableArray.CreateBuilder<SliceSpec>();
        while (reader.NextElement())
        {
            if (slices.Count == MaxSlices)
                throw reader.Fault("too_many", $"There are more than {MaxSlices} slices, the limit; make several evaluations.");
            slices.Add(reader.TokenType == System.Text.Json.JsonTokenType.String
                ? new SliceSpec(reader.ReadString("A slice"), [], SliceSpec.DefaultQuantiles)
                : ReadSlice(ref reader));
        }

        return slices.DrainToImmutable();
    }

    private static SliceSpec ReadSlice(ref StrictReader reader)
    {
        reader.ExpectObject("A slice");
        ulong seen = 0;
        string? column = null;
        ImmutableArray<double> bins = [];
        int? quantiles = null;
        for (int member; (member = reader.NextMember(SliceTable, ref seen)) >= 0;)
        {
            switch (member)
            {
                case 0:
                    column = reader.ReadString("column");
                    break;
                case 1:
                    bins = ReadEdges(ref reader);
                    break;
                default:
                    quantiles = (int)reader.ReadInt64("quantiles", 2, MaxBins);
                    break;
            }
        }

        if (column is null)
            throw reader.Missing("column", "the name of a column of the model");
        if (!bins.IsEmpty && quantiles is not null)
            throw reader.Fault("conflict", "bins and quantiles exclude each other; give one of them.");
        return new SliceSpec(column, bins, quantiles ?? SliceSpec.DefaultQuantiles);
    }

    private static ImmutableArray<double> ReadEdges(ref StrictReader reader)
    {
        reader.ExpectArray("bins");
        var edges = ImmutableArray.CreateBuilder<double>();
        while (reader.NextElement())
        {
            var edge = reader.ReadDouble("An edge");
            if (edges.Count > 0 && edge <= edges[^1])
                throw reader.Fault("invalid", $"bins must rise: {edge} comes after {edges[^1]}.");
            if (edges.Count == MaxBins - 1)
                throw reader.Fault("too_many", $"There are more than {MaxBins - 1} edges, the limit; use fewer.");
            edges.Add(edge);
        }

        return edges.Count == 0 ? throw reader.Fault("invalid", "bins is empty; give the edges between the bins, or leave it out.") : edges.DrainToImmutable();
    }

    private static PolicySpec ReadPolicy(ref StrictReader reader)
    {
        reader.ExpectObject("policy");
        ulong seen = 0;
        int? version = null;
        ExplorationDefinition? exploration = null;
        for (int member; (member = reader.NextMember(PolicyTable, ref seen)) >= 0;)
        {
            if (member == 0)
                version = BodyValues.ReadVersion(ref reader, "version");
            else if (!reader.IsNull)
                exploration = ReadExploration(ref reader);
        }

        return version is { } number ? new PolicySpec(number, exploration) : throw reader.Missing("version", "the version that scores the candidates");
    }

    private static ExplorationDefinition ReadExploration(ref StrictReader reader)
    {
        reader.ExpectObject("exploration");
        ulong seen = 0;
        var read = new ExplorationDefinition("");
        for (int member; (member = reader.NextMember(ExplorationTable, ref seen)) >= 0;)
        {
            read = member switch
            {
                0 => read with { Type = reader.ReadString("type") },
                1 => read with { Epsilon = reader.ReadDouble("epsilon", 0, 1) },
                2 => read with { Lambda = reader.ReadDouble("lambda", 0, 1e9) },
                3 => read with { Scale = reader.ReadDouble("scale", double.Epsilon, 1e9) },
                _ => read with { Exponent = reader.ReadDouble("exponent", 0, 1) },
            };
        }

        var fits = read.Type switch
        {
            "epsilon_greedy" => read is { Epsilon: not null, Lambda: null, Scale: null, Exponent: null },
            "softmax" => read is { Lambda: not null, Epsilon: null, Scale: null, Exponent: null },
            "square_cb" => read is { Epsilon: null, Lambda: null },
            _ => false,
        };
        return fits ? read : throw reader.Fault("invalid", "exploration is {type: epsilon_greedy, epsilon}, {type: softmax, lambda} or {type: square_cb, scale?, exponent?}.");
    }
}

using System.Collections.Immutable;
using OrleansMl.Jobs;
using OrleansMl.Wire;

namespace OrleansMl.Datasets.Building;

/// <summary>Parameters of a job that makes a data set.</summary>
internal sealed record BuildParams
{
    private static readonly MemberTable s_table = new("features", "format", "name", "entityType");

    /// <summary>Of the log: columns of the model, empty: all. Of a spine: <c>view:feature</c>, <c>view:*</c>, <c>type.attribute</c>; at least one.</summary>
    public ImmutableArray<string> Features { get; init; } = [];

    /// <summary>csv | ndjson; null: csv of the log, of a spine as it is.</summary>
    public string? Format { get; init; }

    /// <summary>Name of the file; null: by its id.</summary>
    public string? Name { get; init; }

    /// <summary>Of a spine: type of all rows' entities.</summary>
    public string? EntityType { get; init; }

    public static OmlResult<BuildParams> Read(string? json) => json is null ? new BuildParams() : JobValues.Parse(json, "/params", Read);

    private static BuildParams Read(ref StrictReader reader)
    {
        reader.ExpectObject("params");
        ulong seen = 0;
        var read = new BuildParams();
        for (int member; (member = reader.NextMember(s_table, ref seen)) >= 0;)
        {
            if (reader.IsNull)
                continue;
            read = member switch
            {
                0 => read with { Features = BodyValues.ReadStrings(ref reader, "features") },
                1 => read with { Format = ReadFormat(ref reader) },
                2 => read with { Name = BodyValues.ReadId(ref reader, "name") },
                _ => read with { EntityType = BodyValues.ReadName(ref reader, "entityType") },
            };
        }

        return read;
    }

    private static string ReadFormat(ref StrictReader reader)
    {
        var format = reader.ReadString("format");
        return DatasetFormats.IsKnown(format) ? format : throw reader.Fault("invalid", $"format is {reader.Excerpt()}; give csv or ndjson.");
    }
}

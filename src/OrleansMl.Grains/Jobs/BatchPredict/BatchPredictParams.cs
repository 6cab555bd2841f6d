using System.Collections.Immutable;
using OrleansMl.Datasets;
using OrleansMl.Wire;

namespace OrleansMl.Jobs.BatchPredict;

/// <summary>Parameters of a job of batch scoring.</summary>
internal sealed record BatchPredictParams
{
    private static readonly MemberTable Table = new("format", "onError", "columns", "keep", "entity", "entityColumn", "timeColumn", "batchRows");

    /// <summary>Of the result; null: as the data set.</summary>
    public string? Format { get; init; }

    /// <summary>The job fails at the first row that cannot be scored; else the row has an error in its place.</summary>
    public bool FailsOnError { get; init; }

    /// <summary>Columns that make up the one input of a model, in order; empty: all.</summary>
    public ImmutableArray<string> Columns { get; init; } = [];

    /// <summary>Columns of the data set that the result repeats.</summary>
    public ImmutableArray<string> Keep { get; init; } = [];

    /// <summary>Id of the entity of all rows; null: each row says its own.</summary>
    public string? Entity { get; init; }

    /// <summary>Column with the entity's id.</summary>
    public string EntityColumn { get; init; } = "entityId";

    /// <summary>Column with the time of the prediction, RFC 3339; a row without it is predicted as of now.</summary>
    public string TimeColumn { get; init; } = "eventTime";

    /// <summary>Rows of a batch; null: as many as the model takes.</summary>
    public int? BatchRows { get; init; }

    /// <summary>Reads a JSON object; null: nothing is given.</summary>
    public static OmlResult<BatchPredictParams> Read(string? json) => json is null ? new BatchPredictParams() : JobValues.Parse(json, "/params", Read);

    private static BatchPredictParams Read(ref StrictReader reader)
    {
        reader.ExpectObject("params");
        ulong seen = 0;
        var read = new BatchPredictParams();
        for (int member; (member = reader.NextMember(Table, ref seen)) >= 0;)
        {
            read = member switch
            {
                0 => read with { Format = JobValues.OneOf(ref reader, "format", DatasetFormats.Csv, DatasetFormats.Ndjson) },
                1 => read with { FailsOnError = JobValues.OneOf(ref reader, "onError", "record", "fail") == "fail" },
                2 => read with { Columns = BodyValues.ReadStrings(ref reader, "columns") },
                3 => read with { Keep = BodyValues.ReadStrings(ref reader, "keep") },
                4 => read with { Entity = BodyValues.ReadId(ref reader, "entity") },
                5 => read with { EntityColumn = reader.ReadString("entityColumn") },
                6 => read with { TimeColumn = reader.ReadString("timeColumn") },
                _ => read with { BatchRows = (int)reader.ReadInt64("batchRows", 1, 65_536) },
            };
        }

        return read;
    }
}

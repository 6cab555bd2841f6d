using System.Text;
using System.Text.Json;
using OrleansMl.Wire;

namespace OrleansMl.Gateway.Api;

/// <summary>Reads what a data set is to be made of: logged predictions of a model, or a spine that is a data set.</summary>
internal static class DatasetJobBody
{
    /// <summary>Kind of the job that makes it.</summary>
    public const string Kind = "dataset";

    private static readonly MemberTable s_table = new("rows", "spine", "features", "format", "name");
    private static readonly MemberTable s_rows = new("model", "from", "to");
    private static readonly MemberTable s_spine = new("dataset", "entityType");

    public static JobSpec Read(ref StrictReader reader)
    {
        reader.ExpectObject("A data set's body");
        ulong seen = 0;
        var spec = new JobSpec { Kind = Kind };
        var parameters = new List<(string Name, string Json)>();
        for (int member; (member = reader.NextMember(s_table, ref seen)) >= 0;)
        {
            if (reader.IsNull)
                continue;
            switch (member)
            {
                case 0:
                    spec = ReadRows(ref reader, spec);
                    break;
                case 1:
                    spec = ReadSpine(ref reader, spec, parameters);
                    break;
                default:
                    parameters.Add((s_table.Names[member], Encoding.UTF8.GetString(reader.ReadRaw())));
                    break;
            }
        }

        if (spec.Model is null == spec.Dataset is null)
        {
            throw spec.Model is null
                ? reader.Missing("rows", "the model whose logged predictions it is made of; or spine, the data set whose rows get features")
                : reader.Fault("conflict", "rows and spine are both given; a data set is made of one of them.");
        }

        return parameters.Count == 0 ? spec : spec with { Params = $"{{{string.Join(',', parameters.Select(parameter => $"\"{parameter.Name}\":{parameter.Json}"))}}}" };
    }

    /// <summary>Of a spine that was sent.</summary>
    /// <param name="dataset">Id of the data set that it became.</param>
    /// <param name="entityType">Type of its entities; null: not said.</param>
    /// <param name="features">Names, with commas between them.</param>
    public static JobSpec OfSpine(string dataset, string? entityType, string features) => new()
    {
        Kind = Kind,
        Dataset = dataset,
        Params = JsonSerializer.Serialize(new Dictionary<string, object?> { ["features"] = features.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries), ["entityType"] = entityType }),
    };

    private static JobSpec ReadRows(ref StrictReader reader, JobSpec spec)
    {
        reader.ExpectObject("rows");
        ulong seen = 0;
        string? model = null;
        var window = new Dictionary<string, DateTime>();
        for (int member; (member = reader.NextMember(s_rows, ref seen)) >= 0;)
        {
            if (member == 0)
                model = BodyValues.ReadName(ref reader, "model");
            else if (BodyValues.ReadTimeOrNull(ref reader, s_rows.Names[member]) is { } time)
                window[s_rows.Names[member]] = time;
        }

        return spec with
        {
            Model = model ?? throw reader.Missing("model", "the name of a declared model"),
            Window = window.Count == 0 ? null : JsonSerializer.Serialize(window),
        };
    }

    private static JobSpec ReadSpine(ref StrictReader reader, JobSpec spec, List<(string Name, string Json)> parameters)
    {
        reader.ExpectObject("spine");
        ulong seen = 0;
        string? dataset = null;
        for (int member; (member = reader.NextMember(s_spine, ref seen)) >= 0;)
        {
            if (member == 0)
                dataset = BodyValues.ReadId(ref reader, "dataset");
            else if (!reader.IsNull)
                parameters.Add(("entityType", JsonSerializer.Serialize(BodyValues.ReadName(ref reader, "entityType"))));
        }

        return spec with { Dataset = dataset ?? throw reader.Missing("dataset", "the id of a data set with the columns entityId and time") };
    }
}

using System.Text;
using OrleansMl.Wire;

namespace OrleansMl.Gateway.Api;

/// <summary>Reads the body of a job.</summary>
internal static class JobBody
{
    private static readonly MemberTable Members = new("kind", "model", "version", "alias", "dataset", "params", "window", "trainer", "seed");

    public static JobSpec Read(ref StrictReader reader)
    {
        reader.ExpectObject("A job's body");
        ulong seen = 0;
        var spec = new JobSpec { Kind = "" };
        for (int member; (member = reader.NextMember(Members, ref seen)) >= 0;)
        {
            if (reader.IsNull && member > 0)
                continue;
            spec = member switch
            {
                0 => spec with { Kind = BodyValues.ReadName(ref reader, "kind") },
                1 => spec with { Model = BodyValues.ReadName(ref reader, "model") },
                2 => spec with { Version = BodyValues.ReadVersion(ref reader, "version") },
                3 => spec with { Alias = BodyValues.ReadName(ref reader, "alias") },
                4 => spec with { Dataset = BodyValues.ReadId(ref reader, "dataset") },
                5 => spec with { Params = ReadObject(ref reader, "params") },
                6 => spec with { Window = ReadObject(ref reader, "window") },
                7 => spec with { Trainer = Encoding.UTF8.GetString(reader.ReadRaw()) },
                _ => spec with { Seed = reader.ReadInt64("seed") },
            };
        }

        if (spec.Kind.Length == 0)
            throw reader.Missing("kind", "the kind of job, such as \"batchPredict\"");
        return spec is { Version: not null, Alias: not null } ? throw reader.Fault("invalid", "version and alias are both given; give one of them.") : spec;
    }

    private static string ReadObject(ref StrictReader reader, string thing)
    {
        reader.ExpectObject(thing);
        return Encoding.UTF8.GetString(reader.ReadRaw());
    }
}

using System.Text;
using OrleansMl.Wire;

namespace OrleansMl.Gateway.Api;

/// <summary>Reads the body of an evaluation: a job whose parameters stand beside the model.</summary>
internal static class EvaluationBody
{
    private static readonly MemberTable Members = new("model", "dataset", "window", "seed", "versions", "rescore", "metrics", "slices", "policy", "label");

    public static JobSpec Read(ref StrictReader reader)
    {
        reader.ExpectObject("An evaluation's body");
        ulong seen = 0;
        var spec = new JobSpec { Kind = "evaluate" };
        var parameters = new StringBuilder();
        for (int member; (member = reader.NextMember(Members, ref seen)) >= 0;)
        {
            if (reader.IsNull)
                continue;
            switch (member)
            {
                case 0:
                    spec = spec with { Model = BodyValues.ReadName(ref reader, "model") };
                    break;
                case 1:
                    spec = spec with { Dataset = BodyValues.ReadId(ref reader, "dataset") };
                    break;
                case 2:
                    reader.ExpectObject("window");
                    spec = spec with { Window = Encoding.UTF8.GetString(reader.ReadRaw()) };
                    break;
                case 3:
                    spec = spec with { Seed = reader.ReadInt64("seed") };
                    break;
                default:
                    parameters.Append(parameters.Length == 0 ? '{' : ',').Append('"').Append(Members.Names[member]).Append("\":").Append(Encoding.UTF8.GetString(reader.ReadRaw()));
                    break;
            }
        }

        if (spec.Model is null)
            throw reader.Missing("model", "the name of a declared model");
        return parameters.Length == 0 ? spec : spec with { Params = parameters.Append('}').ToString() };
    }
}

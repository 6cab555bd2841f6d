using System.Collections.Immutable;
using OrleansMl.Gateway.Json;
using OrleansMl.Wire;

namespace OrleansMl.Gateway.Api;

/// <summary>Reads the body of a prediction.</summary>
internal static class PredictBody
{
    private static readonly MemberTable Members = new("entity", "inputs", "candidates", "version", "alias", "eventTime", "requestId", "include");
    private static readonly MemberTable CandidateMembers = new("entity", "inputs");

    /// <summary>The request; its model is empty, the path has it.</summary>
    public static PredictRequest Read(ref StrictReader reader)
    {
        reader.ExpectObject("A prediction's body");
        ulong seen = 0;
        EntityId? entity = null;
        ImmutableArray<NamedValue> inputs = [];
        ImmutableArray<PredictCandidate> candidates = [];
        int? version = null;
        string? alias = null, requestId = null;
        DateTime? eventTime = null;
        var (features, explanation) = (false, false);
        for (int member; (member = reader.NextMember(Members, ref seen)) >= 0;)
        {
            switch (member)
            {
                case 0:
                    entity = reader.IsNull ? null : BodyValues.ReadEntity(ref reader, "entity");
                    break;
                case 1:
                    inputs = BodyValues.ReadValues(ref reader, "inputs");
                    break;
                case 2:
                    candidates = ReadCandidates(ref reader);
                    break;
                case 3:
                    version = reader.IsNull ? null : BodyValues.ReadVersion(ref reader, "version");
                    break;
                case 4:
                    alias = reader.IsNull ? null : BodyValues.ReadName(ref reader, "alias");
                    break;
                case 5:
                    eventTime = BodyValues.ReadTimeOrNull(ref reader, "eventTime");
                    break;
                case 6:
                    requestId = reader.IsNull ? null : BodyValues.ReadId(ref reader, "requestId");
                    break;
                default:
                    (features, explanation) = ReadInclude(ref reader);
                    break;
            }
        }

        if (version is not null && alias is not null)
            throw reader.Fault("invalid", "version and alias are both given; give one of them.");
        return new PredictRequest
        {
            Model = "",
            Entity = entity,
            Inputs = inputs,
            Candidates = candidates,
            Version = version,
            Alias = alias,
            EventTime = eventTime,
            RequestId = requestId,
            IncludeFeatures = features,
            IncludeExplanation = explanation,
        };
    }

    private static (bool Features, bool Explanation) ReadInclude(ref StrictReader reader)
    {
        reader.ExpectArray("include");
        var (features, explanation) = (false, false);
        while (reader.NextElement())
        {
            switch (reader.ReadString("An entry of include"))
            {
                case "features":
                    features = true;
                    break;
                case "explanation":
                    explanation = true;
                    break;
                default:
                    throw reader.Fault("invalid", $"include has {reader.Excerpt()}; known are \"features\" and \"explanation\".");
            }
        }

        return (features, explanation);
    }

    private static ImmutableArray<PredictCandidate> ReadCandidates(ref StrictReader reader)
    {
        reader.ExpectArray("candidates");
        var candidates = ImmutableArray.CreateBuilder<PredictCandidate>();
        while (reader.NextElement())
        {
            reader.ExpectObject("A candidate");
            ulong seen = 0;
            EntityId? entity = null;
            ImmutableArray<NamedValue> inputs = [];
            for (int member; (member = reader.NextMember(CandidateMembers, ref seen)) >= 0;)
            {
                if (member == 0)
                    entity = BodyValues.ReadEntity(ref reader, "The candidate's entity");
                else
                    inputs = BodyValues.ReadValues(ref reader, "inputs");
            }

            if (entity is not { } whose)
                throw reader.Missing("entity", "{\"type\": …, \"id\": …}");
            candidates.Add(new PredictCandidate(whose, inputs));
        }

        return candidates.DrainToImmutable();
    }
}

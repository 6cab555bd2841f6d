namespace OrleansMl.Wire;

/// <summary>An outcome as JSON: <c>{id, predictionId | (entity, target, subject?, time?), value, source?, revision?, reason?}</c>.</summary>
public static class OutcomeJson
{
    private static readonly MemberTable Members = new("id", "predictionId", "entity", "target", "subject", "time", "value", "source", "revision", "reason");

    /// <summary>Reads one outcome.</summary>
    public static IngestOutcome Read(ref StrictReader reader)
    {
        reader.ExpectObject("An outcome");
        ulong seen = 0;
        string? id = null, predictionId = null, target = null, subject = null, source = null, reason = null;
        EntityId? entity = null;
        DateTime? time = null;
        Scalar value = default;
        var revision = 0;
        for (int member; (member = reader.NextMember(Members, ref seen)) >= 0;)
        {
            switch (member)
            {
                case 0:
                    id = BodyValues.ReadId(ref reader, "The outcome's id");
                    break;
                case 1:
                    predictionId = reader.IsNull ? null : BodyValues.ReadId(ref reader, "predictionId");
                    break;
                case 2:
                    entity = reader.IsNull ? null : BodyValues.ReadEntity(ref reader, "entity");
                    break;
                case 3:
                    target = reader.IsNull ? null : BodyValues.ReadName(ref reader, "target");
                    break;
                case 4:
                    subject = reader.IsNull ? null : BodyValues.ReadId(ref reader, "subject");
                    break;
                case 5:
                    time = BodyValues.ReadTimeOrNull(ref reader, "The outcome's time");
                    break;
                case 6:
                    value = reader.ReadScalar("value");
                    if (value.IsMissing)
                        throw reader.WrongType("value", "the class, the truth value or the number that came true");
                    break;
                case 7:
                    source = reader.IsNull ? null : BodyValues.ReadId(ref reader, "source");
                    break;
                case 9:
                    reason = reader.IsNull ? null : BodyValues.ReadId(ref reader, "reason");
                    break;
                default:
                    revision = (int)reader.ReadInt64("revision", 0, int.MaxValue);
                    break;
            }
        }

        if (id is null)
            throw reader.Missing("id", "an id that is unique for the entity");
        if (value.IsMissing)
            throw reader.Missing("value", "what came true");
        if (predictionId is null)
        {
            if (entity is null)
                throw reader.Missing(target is null ? "predictionId" : "entity", "predictionId, or entity and target");
            if (target is null)
                throw reader.Missing("target", "the name of the target beside entity");
        }
        else if (entity is not null || target is not null || subject is not null)
        {
            throw reader.Fault("invalid", "predictionId is given together with entity, target or subject; give predictionId alone, or the others without it.");
        }

        return new IngestOutcome(id, predictionId, entity, target, subject, time, value, source, revision) { Reason = reason };
    }
}

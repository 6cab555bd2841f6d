using System.Collections.Immutable;

namespace OrleansMl.Wire;

/// <summary>An event as JSON: <c>{id, entity: {type, id}, type, time?, fields?}</c>.</summary>
public static class EventJson
{
    private static readonly MemberTable Members = new("id", "entity", "type", "time", "fields");

    /// <summary>Reads one event.</summary>
    public static IngestEvent Read(ref StrictReader reader)
    {
        reader.ExpectObject("An event");
        ulong seen = 0;
        string? id = null, type = null;
        EntityId? entity = null;
        DateTime? time = null;
        ImmutableArray<NamedValue> fields = [];
        for (int member; (member = reader.NextMember(Members, ref seen)) >= 0;)
        {
            switch (member)
            {
                case 0:
                    id = BodyValues.ReadId(ref reader, "The event's id");
                    break;
                case 1:
                    entity = BodyValues.ReadEntity(ref reader, "entity");
                    break;
                case 2:
                    type = BodyValues.ReadName(ref reader, "The event's type");
                    break;
                case 3:
                    time = BodyValues.ReadTimeOrNull(ref reader, "The event's time");
                    break;
                default:
                    fields = BodyValues.ReadValues(ref reader, "fields");
                    break;
            }
        }

        if (id is null)
            throw reader.Missing("id", "an id that is unique for the entity");
        if (entity is not { } whose)
            throw reader.Missing("entity", "{\"type\": …, \"id\": …}");
        if (type is null)
            throw reader.Missing("type", "the name of a declared event");
        return new IngestEvent(id, whose, type, time, fields);
    }
}

using OrleansMl.Wire;

namespace OrleansMl.Jobs.Uploads;

/// <summary>Parameters of a job that takes rows in.</summary>
internal sealed record UploadParams
{
    private static readonly MemberTable s_table = new("kind", "entityType", "eventType");

    public required string Kind { get; init; }

    /// <summary>Type of all rows' entities; null: each row says its own.</summary>
    public string? EntityType { get; init; }

    /// <summary>Type of all events; null: each row says its own.</summary>
    public string? EventType { get; init; }

    public static OmlResult<UploadParams> Read(string? json)
    {
        if (json is null)
            return Fault(new OmlFault("missing_member", "An upload needs params.kind: events, attributes, outcomes or corrections.") { Pointer = "/params/kind" });
        return JobValues.Parse(json, "/params", Read);
    }

    private static UploadParams Read(ref StrictReader reader)
    {
        reader.ExpectObject("params");
        ulong seen = 0;
        string? kind = null, entityType = null, eventType = null;
        for (int member; (member = reader.NextMember(s_table, ref seen)) >= 0;)
        {
            switch (member)
            {
                case 0:
                    kind = reader.ReadString("kind");
                    if (!UploadKinds.IsKnown(kind))
                        throw reader.Fault("invalid", $"kind is {reader.Excerpt()}; give events, attributes, outcomes or corrections.");
                    break;
                case 1:
                    entityType = BodyValues.ReadName(ref reader, "entityType");
                    break;
                default:
                    eventType = BodyValues.ReadName(ref reader, "eventType");
                    break;
            }
        }

        return kind is null ? throw reader.Missing("kind", "events, attributes, outcomes or corrections") : new UploadParams { Kind = kind, EntityType = entityType, EventType = eventType };
    }

    private static OmlError Fault(OmlFault fault) => OmlError.Invalid(fault.Detail, fault.Code) with { Faults = [fault] };
}

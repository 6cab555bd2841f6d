using OrleansMl.Services;
using OrleansMl.Wire;

namespace OrleansMl.Streams;

/// <summary>What the records of the system's own namespaces have in common.</summary>
internal static class StreamRecords
{
    /// <summary>Header of records that tell what this system has done already: whoever takes them in passes over them.</summary>
    public const string AppendedHeader = "oml_appended";

    public static bool IsAppended(StreamRecord record) => Has(record, AppendedHeader);

    public static bool IsMapped(StreamRecord record) => Has(record, OmlStreams.MappedHeader);

    /// <summary>The subject, <c>type/id</c>; a type has no slash, an id may.</summary>
    /// <exception cref="InputFaultException">There is none, or it is none.</exception>
    public static EntityId EntityOf(StreamRecord record)
    {
        if (record.Subject is not { Length: > 0 } subject || subject.IndexOf('/') is not (> 0 and var slash))
            throw new InputFaultException("no_key", $"The subject '{record.Subject}' does not name an entity; write 'type/id' (ce_subject), or map the key in the topic's configuration.");
        var entity = new EntityId(subject[..slash], subject[(slash + 1)..]);
        if (!Names.IsName(entity.Type))
            throw new InputFaultException("invalid_name", $"The entity's type '{entity.Type}' is no name ({Names.Pattern}).");
        if (Names.WhyNotId(entity.Id) is { } why)
            throw new InputFaultException("invalid_id", $"The entity's id {why}.");
        return entity;
    }

    /// <summary>JSON that cannot be read is <c>unparsable</c>; everything else keeps its code.</summary>
    public static string ReasonOf(OmlFault fault) => fault.Code is "malformed_json" or "invalid_text" ? "unparsable" : fault.Code;

    public static RecordFate FateOf(OmlFault? fault)
    {
        var (code, detail) = fault is null ? ("invalid", "It was rejected.") : (fault.Code, fault.Detail);
        return Unavailability.IsRetryable(code) ? RecordFate.Later(code, detail) : RecordFate.Refused(code, detail);
    }

    private static bool Has(StreamRecord record, string name)
    {
        foreach (var header in record.Headers.IsDefault ? [] : record.Headers)
        {
            if (header.Key == name)
                return true;
        }

        return false;
    }
}

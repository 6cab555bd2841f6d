using System.Collections.Immutable;
using OrleansMl.Catalog;
using OrleansMl.Services;
using OrleansMl.Wire;

namespace OrleansMl.Streams;

/// <summary>
/// Events that come by a stream: the same reading, the same checks and the same append as over HTTP. A record is either a
/// whole event as JSON, or a CloudEvent whose subject is <c>type/id</c> of the entity and whose data is the fields. Of a
/// foreign producer's record, found by a mapping, the members count that are declared as fields; the others are passed over.
/// </summary>
internal sealed class EventRecordHandler(IIngestService ingest, CatalogCache catalog) : IRecordHandler
{
    public string Namespace => OmlStreams.Events;

    public PlannedRecord Plan(StreamRecord record)
    {
        if (StreamRecords.IsAppended(record))
            return PlannedRecord.Done;
        try
        {
            var item = record.ContentType == OmlStreams.WholeContentType
                ? StrictReader.Parse(record.Data.Span, EventJson.Read)
                : FromAttributes(record);
            return PlannedRecord.Apply(item.Entity.ToGrainKey(), item);
        }
        catch (InputFaultException exception)
        {
            return PlannedRecord.Refuse(StreamRecords.ReasonOf(exception.Fault), exception.Fault.Detail);
        }
    }

    public async ValueTask<IReadOnlyList<RecordFate>> ApplyAsync(string orderKey, IReadOnlyList<object> items, CancellationToken cancellationToken)
    {
        var events = new IngestEvent[items.Count];
        for (var i = 0; i < events.Length; i++)
            events[i] = (IngestEvent)items[i];
        var result = await ingest.AppendEventsAsync(events, cancellationToken).ConfigureAwait(false);
        var fates = new RecordFate[events.Length];
        for (var i = 0; i < fates.Length; i++)
        {
            if (result.Items[i] is { Status: AppendStatus.Rejected } item)
                fates[i] = StreamRecords.FateOf(item.Fault);
        }

        return fates;
    }

    private IngestEvent FromAttributes(StreamRecord record)
    {
        var entity = StreamRecords.EntityOf(record);
        if (!Names.IsName(record.Type))
            throw new InputFaultException("invalid_name", $"The event's type '{record.Type}' is no name ({Names.Pattern}).");
        if (Names.WhyNotId(record.Id) is { } why)
            throw new InputFaultException("invalid_id", $"The event's id {why}.");
        if (StreamRecords.IsMapped(record))
            return new IngestEvent(record.Id, entity, record.Type, record.Time, DeclaredFields(record, entity));
        var fields = record.Data.IsEmpty ? [] : StrictReader.Parse(record.Data.Span, static (ref StrictReader reader) => BodyValues.ReadValues(ref reader, "The event's data"));
        return new IngestEvent(record.Id, entity, record.Type, record.Time, fields);
    }

    private ImmutableArray<NamedValue> DeclaredFields(StreamRecord record, EntityId entity)
    {
        // An undeclared type is refused later, with what there is.
        if (!catalog.Current.Entities.TryGetValue(entity.Type, out var definition) || !definition.Events.TryGetValue(record.Type, out var type))
            return [];
        return StrictReader.Parse(record.Data.Span, (ref StrictReader reader) =>
        {
            reader.ExpectObject("The record");
            var fields = ImmutableArray.CreateBuilder<NamedValue>();
            while (reader.NextName() is { } name)
            {
                if (type.Fields.ContainsKey(name))
                    fields.Add(new NamedValue(name, reader.ReadScalar($"The field '{name}'")));
                else
                    reader.Skip();
            }

            return fields.ToImmutable();
        });
    }
}

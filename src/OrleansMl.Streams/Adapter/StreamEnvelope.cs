using System.Collections.Immutable;
using System.Diagnostics;
using Orleans.Runtime;
using Orleans.Serialization;

namespace OrleansMl.Streams;

/// <summary>
/// Between what a producer hands over and a record: a <see cref="StreamRecord"/> is taken as it is, any other type travels
/// in Orleans' own serialization. Of the request context, text values travel as headers.
/// </summary>
internal sealed class StreamEnvelope(Serializer serializer)
{
    public const string OrleansContentType = "application/x-orleans";
    private const string ContextPrefix = "oml_ctx_";

    public List<StreamRecord> Wrap<T>(IEnumerable<T> events, Dictionary<string, object>? requestContext)
    {
        var context = ContextOf(requestContext);
        var trace = Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity ? activity.Id : null;
        var records = new List<StreamRecord>();
        foreach (var item in events)
        {
            var record = Rewrap(item!);
            if (record.TraceParent is null && trace is not null)
                record = record with { TraceParent = trace };
            records.Add(context.IsEmpty ? record : record with { Headers = record.Headers.AddRange(context) });
        }

        return records;
    }

    /// <summary>The record of what a consumer gets.</summary>
    public StreamRecord Rewrap(object item) => item as StreamRecord ?? new StreamRecord
    {
        Id = Guid.CreateVersion7().ToString("n"),
        Type = item.GetType().Name,
        ContentType = OrleansContentType,
        Data = serializer.SerializeToArray(item),
    };

    /// <summary>What the consumer gets. False: its data cannot be read here; says why.</summary>
    public bool TryUnwrap(StreamRecord record, out object item, out string why)
    {
        why = "";
        item = record;
        if (record.ContentType != OrleansContentType)
            return true;
        try
        {
            item = serializer.Deserialize<object>(record.Data) ?? record;
            return true;
        }
        catch (Exception exception)
        {
            why = $"The data cannot be read as an Orleans-serialized object: {exception.Message}";
            return false;
        }
    }

    /// <summary>The part of the request context that travelled with a record.</summary>
    public static ImmutableArray<KeyValuePair<string, string>> ContextOf(StreamRecord record)
    {
        if (record.Headers.IsDefaultOrEmpty)
            return [];
        return
        [
            .. record.Headers
                .Where(h => h.Key.StartsWith(ContextPrefix, StringComparison.Ordinal))
                .Select(h => KeyValuePair.Create(h.Key[ContextPrefix.Length..], h.Value)),
        ];
    }

    private static ImmutableArray<KeyValuePair<string, string>> ContextOf(Dictionary<string, object>? context) =>
        context is null ? [] : [.. context.Where(c => c.Value is string).Select(c => KeyValuePair.Create(ContextPrefix + c.Key, (string)c.Value))];
}

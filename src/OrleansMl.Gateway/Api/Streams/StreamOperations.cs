using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using OrleansMl.Gateway.Errors;
using OrleansMl.Gateway.Json;
using OrleansMl.Gateway.Routing;
using OrleansMl.Streams;
using OrleansMl.Wire;

namespace OrleansMl.Gateway.Api;

/// <summary>Where the streams stand, and reading them again.</summary>
internal sealed class StreamOperations(IStreamService streams, IOptions<GatewayOptions> options) : IOperationGroup
{
    private static readonly MemberTable Members = new("provider", "partition", "offset", "time");

    public IEnumerable<Operation> Operations =>
    [
        new("GET", "/api/v1/streams", GatewayRoles.Operate, ListAsync, "The partitions that this silo reads, with their lag.")
        {
            Answers = [new(200, "All of them.", "StreamPartitions")],
        },
        new("POST", "/api/v1/streams/rewind", GatewayRoles.Operate, RewindAsync, "Read partitions again from an offset or a time; what counts once counts once.")
        {
            Request = [new(JsonAnswer.Json, "StreamRewind")],
            Answers = [new(200, "The partitions after it.", "StreamPartitions")],
            Errors = [404, 503],
        },
    ];

    private Task ListAsync(HttpContext context) => JsonAnswer.WriteAsync(context, 200, streams.Partitions, Write);

    private async Task RewindAsync(HttpContext context)
    {
        var request = await JsonBody.ReadAsync(context, options.Value.MaxBodyBytes, Read).ConfigureAwait(false);
        var after = (await streams.RewindAsync(request.Provider, request.Partition, request.Start, context.RequestAborted).ConfigureAwait(false)).OrThrow();
        await JsonAnswer.WriteAsync<IReadOnlyList<PartitionStatus>>(context, 200, after, Write).ConfigureAwait(false);
    }

    private static (string Provider, string? Partition, LogStart Start) Read(ref StrictReader reader)
    {
        reader.ExpectObject("The rewind");
        ulong seen = 0;
        string provider = OmlStreams.Provider;
        string? partition = null;
        LogStart? start = null;
        for (int member; (member = reader.NextMember(Members, ref seen)) >= 0;)
        {
            switch (member)
            {
                case 0:
                    provider = reader.ReadString("provider");
                    break;
                case 1:
                    partition = reader.ReadStringOrNull("partition");
                    break;
                default:
                    if (start is not null)
                        throw reader.Fault("invalid", "Both offset and time are given; give one.");
                    start = member == 2 ? LogStart.AtOffset(reader.ReadInt64("offset", 0)) : LogStart.AtTime(BodyValues.ReadTime(ref reader, "time"));
                    break;
            }
        }

        return (provider, partition, start ?? throw reader.Missing("offset", "the offset, or the time, to read from"));
    }

    private static void Write(Utf8JsonWriter writer, IReadOnlyList<PartitionStatus> partitions)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("items"u8);
        foreach (var (provider, partition, position) in partitions.OrderBy(p => p.Provider, StringComparer.Ordinal).ThenBy(p => p.Partition, StringComparer.Ordinal))
        {
            writer.WriteStartObject();
            writer.WriteString("provider"u8, provider);
            writer.WriteString("partition"u8, partition);
            writer.WriteNumber("committed"u8, position.Committed);
            writer.WriteNumber("next"u8, position.Next);
            writer.WriteNumber("end"u8, position.End);
            writer.WriteNumber("lag"u8, position.Lag);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}

using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using OrleansMl.Gateway.Errors;
using OrleansMl.Gateway.Json;
using OrleansMl.Gateway.Routing;
using OrleansMl.Storage;
using OrleansMl.Streams;
using OrleansMl.Wire;

namespace OrleansMl.Gateway.Api;

/// <summary>What could not be used of the streams, and sending it again.</summary>
internal sealed class DeadLetterOperations(IStreamService streams, IOptions<GatewayOptions> options) : IOperationGroup
{
    private static readonly MemberTable Members = new("payload");

    public IEnumerable<Operation> Operations =>
    [
        new("GET", "/api/v1/deadletters", GatewayRoles.Operate, ListAsync, "Records that could not be used, oldest first.")
        {
            Query = Paging.Query,
            Answers = [new(200, "A page.", "DeadLetterPage")],
        },
        new("GET", "/api/v1/deadletters/{id}", GatewayRoles.Operate, GetAsync, "One of them.")
        {
            Answers = [new(200, "The dead letter.", "DeadLetter")],
            Errors = [404],
        },
        new("POST", "/api/v1/deadletters/{id}/replay", GatewayRoles.Operate, ReplayAsync, "Send it again, as it is or mended.")
        {
            Request = [new(JsonAnswer.Json, "DeadLetterReplay")],
            RequestOptional = true,
            Answers = [new(200, "The dead letter after it.", "DeadLetter")],
            Errors = [404, 503],
        },
    ];

    private async Task ListAsync(HttpContext context)
    {
        var query = new QueryValues(context, "limit", "pageToken");
        var limit = query.Limit();
        var letters = await streams.ListDeadLettersAsync(query.Text("pageToken"), limit + 1, context.RequestAborted).ConfigureAwait(false);
        await Paging.AnswerAsync(context, Paging.Cut(letters, limit, letter => letter.Id), Write).ConfigureAwait(false);
    }

    private async Task GetAsync(HttpContext context)
        => await JsonAnswer.WriteAsync(context, 200, (await streams.GetDeadLetterAsync(RouteValues.Id(context), context.RequestAborted).ConfigureAwait(false)).OrThrow(), Write).ConfigureAwait(false);

    private async Task ReplayAsync(HttpContext context)
    {
        var payload = await JsonBody.ReadIfAnyAsync(context, options.Value.MaxBodyBytes, ReadPayload).ConfigureAwait(false);
        var letter = (await streams.ReplayAsync(RouteValues.Id(context), payload, context.RequestAborted).ConfigureAwait(false)).OrThrow();
        await JsonAnswer.WriteAsync(context, 200, letter, Write).ConfigureAwait(false);
    }

    /// <summary>The data to send: any JSON value, taken as it stands.</summary>
    private static ReadOnlyMemory<byte>? ReadPayload(ref StrictReader reader)
    {
        reader.ExpectObject("The replay");
        ulong seen = 0;
        ReadOnlyMemory<byte>? payload = null;
        while (reader.NextMember(Members, ref seen) >= 0)
            payload = reader.IsNull ? null : reader.ReadRaw().ToArray();
        return payload;
    }

    private static void Write(Utf8JsonWriter writer, DeadLetter letter)
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, letter.Id);
        writer.WriteString("source"u8, letter.Source);
        writer.WriteString("namespace"u8, letter.Namespace);
        writer.WriteString("key"u8, letter.Key);
        writer.WriteString("type"u8, letter.Type);
        writer.WriteString("recordId"u8, letter.RecordId);
        writer.WriteString("reason"u8, letter.Reason);
        writer.WriteString("detail"u8, letter.Detail);
        writer.WriteTime("created"u8, letter.Created);
        writer.WriteTime("replayed"u8, letter.Replayed);
        WriteRaw(writer, letter.Payload.Span);
        writer.WriteEndObject();
    }

    /// <summary>The data as text where it is text, else as base64.</summary>
    private static void WriteRaw(Utf8JsonWriter writer, ReadOnlySpan<byte> payload)
    {
        if (System.Text.Unicode.Utf8.IsValid(payload))
            writer.WriteString("raw"u8, payload);
        else
            writer.WriteString("rawBase64"u8, Convert.ToBase64String(payload));
    }
}

using System.Globalization;
using Microsoft.AspNetCore.Http;
using OrleansMl.Gateway.Api;
using OrleansMl.Gateway.Json;
using OrleansMl.Gateway.Routing;
using OrleansMl.Inference;

namespace OrleansMl.Gateway.OpenInference;

/// <summary>Writes an answer as JSON, or as JSON with the bytes of its binary outputs behind it; compressed where the caller takes that.</summary>
internal static class InferAnswerWriter
{
    public const string BinaryHeader = "Inference-Header-Content-Length";

    /// <summary>Below, compression costs more than it saves.</summary>
    public const int LeastCompressed = 512;

    /// <summary>Outputs up to this size are copied behind the JSON and sent with it in one piece; larger ones are sent as they lie.</summary>
    private const int MostCopied = 64 << 10;

    public static async Task WriteAsync(HttpContext context, InferAnswer answer, BinaryOutputs asBytes)
    {
        using var buffer = new PooledBuffer();
        var binary = Binary(answer.Outputs, asBytes);
        JsonAnswer.Render(buffer, (Answer: answer, AsBytes: asBytes), static (writer, state) =>
        {
            writer.WriteStartObject();
            if (state.Answer.Id is not null)
                writer.WriteString("id"u8, state.Answer.Id);
            writer.WriteString("model_name"u8, state.Answer.Model);
            writer.WriteVersion("model_version"u8, state.Answer.Version);
            writer.WriteStartArray("outputs"u8);
            for (var i = 0; i < state.Answer.Outputs.Count; i++)
                TensorJson.Write(writer, state.Answer.Outputs[i], state.AsBytes.Has(state.Answer.Outputs[i]));
            writer.WriteEndArray();
            writer.WriteEndObject();
        });
        var contentType = JsonAnswer.Json;
        if (binary.Length > 0)
        {
            context.Response.Headers[BinaryHeader] = buffer.Length.ToString(CultureInfo.InvariantCulture);
            contentType = MediaTypes.Octets;
        }

        long total = buffer.Length;
        foreach (var output in binary)
            total += BinaryTensors.SizeOf(output);
        var coding = total < LeastCompressed ? ContentCoding.None : ContentCodings.Accepted(context.Request);
        if (coding != ContentCoding.None)
        {
            await CompressedAsync(context, buffer, binary, contentType, coding).ConfigureAwait(false);
            return;
        }

        if (total - buffer.Length <= MostCopied)
        {
            foreach (var output in binary)
                Append(buffer, output);
            await JsonAnswer.SendAsync(context, 200, contentType, buffer.Memory).ConfigureAwait(false);
            return;
        }

        var response = context.Response;
        response.StatusCode = 200;
        response.ContentType = contentType;
        response.ContentLength = total;
        await response.Body.WriteAsync(buffer.Memory, context.RequestAborted).ConfigureAwait(false);
        foreach (var output in binary)
        {
            buffer.Clear();
            if (output.Type == TensorType.Bytes)
                BinaryTensors.WriteElements(buffer, output);
            await response.Body.WriteAsync(output.Type == TensorType.Bytes ? buffer.Memory : output.Data, context.RequestAborted).ConfigureAwait(false);
        }
    }

    private static Tensor[] Binary(IReadOnlyList<Tensor> outputs, BinaryOutputs asBytes)
    {
        // Most answers have none, and need no list to say so.
        List<Tensor>? binary = null;
        for (var i = 0; i < outputs.Count; i++)
        {
            if (asBytes.Has(outputs[i]))
                (binary ??= []).Add(outputs[i]);
        }

        return binary is null ? [] : [.. binary];
    }

    private static async Task CompressedAsync(HttpContext context, PooledBuffer buffer, Tensor[] binary, string contentType, ContentCoding coding)
    {
        using var packed = new PooledBuffer();
        await using (var stream = ContentCodings.Compress(new BufferStream(packed), coding))
        {
            stream.Write(buffer.Memory.Span);
            foreach (var output in binary)
            {
                if (output.Type == TensorType.Bytes)
                {
                    buffer.Clear();
                    BinaryTensors.WriteElements(buffer, output);
                    stream.Write(buffer.Memory.Span);
                }
                else
                {
                    stream.Write(output.Data.Span);
                }
            }
        }

        context.Response.Headers.ContentEncoding = ContentCodings.NameOf(coding);
        context.Response.Headers.Vary = "Accept-Encoding";
        await JsonAnswer.SendAsync(context, 200, contentType, packed.Memory).ConfigureAwait(false);
    }

    private static void Append(PooledBuffer buffer, Tensor output)
    {
        if (output.Type == TensorType.Bytes)
            BinaryTensors.WriteElements(buffer, output);
        else
            buffer.Write(output.Data.Span);
    }
}

using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using OrleansMl.Gateway.Api;
using OrleansMl.Gateway.Errors;
using OrleansMl.Gateway.Json;
using OrleansMl.Gateway.Routing;
using OrleansMl.Inference;
using OrleansMl.Services;
using OrleansMl.Wire;

namespace OrleansMl.Gateway.OpenInference;

/// <summary>
/// Inference over REST: JSON, JSON with binary tensors behind it, or nothing but the bytes of the only input. Content types and query
/// strings are not looked at: the protocol's clients send neither reliably.
/// </summary>
internal sealed class InferOperations(InferenceDataPlane plane, IOptions<GatewayOptions> options) : IOperationGroup
{
    public IEnumerable<Operation> Operations => [Infer("/v2/models/{model}/infer"), Infer("/v2/models/{model}/versions/{version}/infer")];

    private Operation Infer(string path) => new("POST", path, GatewayRoles.Predict, InferAsync, "Run a model on tensors.")
    {
        BodyLimit = BodyLimit.Large,
        Request = [new(JsonAnswer.Json, "InferRequest"), new(MediaTypes.Octets, "Bytes")],
        Answers = [new(200, "The outputs; with binary outputs their bytes lie behind the JSON, whose length is in Inference-Header-Content-Length.", "InferResponse"), new(200, "The outputs.", "Bytes", MediaTypes.Octets)],
        Errors = [404, 422, 501, 503],
    };

    private async Task InferAsync(HttpContext context)
    {
        var model = RouteValues.Model(context);
        var stated = InferenceDataPlane.ReadVersion(context.Request.RouteValues["version"] as string);
        var version = await plane.ResolveAsync(model, stated, context.Request.Headers[OpenInferenceOperations.VersionHeader].ToString(), context.RequestAborted).ConfigureAwait(false);
        var header = HeaderLength(context);

        // The tensors lie in the body: it is given back when the answer is written.
        using var body = await RequestBody.ReadDecodedAsync(context, options.Value.MaxLargeBodyBytes, header ?? 0).ConfigureAwait(false);
        if (header > body.Length)
            throw new ApiException(400, "invalid", $"{InferAnswerWriter.BinaryHeader} is {header}, the body has {body.Length} bytes; give the length of its JSON part, counted without compression.");
        if (header == 0)
        {
            var input = await RawInputAsync(model, version, body.Memory, context.RequestAborted).ConfigureAwait(false);
            var raw = await plane.InferAsync(new InferCall(model, version, null, InferParameters.None, [input], []), context.RequestAborted).ConfigureAwait(false);
            await InferAnswerWriter.WriteAsync(context, raw, BinaryOutputs.All).ConfigureAwait(false);
            return;
        }

        var read = StrictReader.Parse(body.Span[..(header ?? body.Length)], InferBody.Read);
        var inputs = read.Resolve(body.Memory[(header ?? body.Length)..]);
        var answer = await plane.InferAsync(new InferCall(model, version, read.Id, read.Parameters.Read, inputs, read.Outputs), context.RequestAborted).ConfigureAwait(false);
        await InferAnswerWriter.WriteAsync(context, answer, new BinaryOutputs(read.Outputs, read.Parameters.IsBinaryOutput)).ConfigureAwait(false);
    }

    private static int? HeaderLength(HttpContext context)
    {
        var text = context.Request.Headers[InferAnswerWriter.BinaryHeader].ToString();
        if (text.Length == 0)
            return null;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            ? length
            : throw new ApiException(400, "invalid", $"{InferAnswerWriter.BinaryHeader} is '{(text.Length > 40 ? text[..40] + "…" : text)}'; give the length of the body's JSON part in bytes, or 0 for a body that is the only input's bytes.");
    }

    /// <summary>The only input of a raw request; its shape is the model's, with the one free dimension worked out.</summary>
    private async Task<Tensor> RawInputAsync(string model, string? version, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        var served = await plane.DescribeAsync(model, version, cancellationToken).ConfigureAwait(false);
        if (served.Inputs is not [var input])
            throw Unfit($"model '{model}' has {served.Inputs.Length} inputs; a raw request (header {InferAnswerWriter.BinaryHeader}: 0) needs a model with one");
        var type = TensorTypeExtensions.FromProtocolName(input.Datatype) ?? throw Unfit($"the datatype {input.Datatype} of input '{input.Name}' cannot be sent");
        long[] shape = [.. input.Shape];
        if (type == TensorType.Bytes)
        {
            for (var i = 0; i < shape.Length; i++)
                shape[i] = shape[i] < 0 ? 1 : shape[i];
            return shape.Length > 0 && shape.All(d => d == 1)
                ? new Tensor(input.Name, shape, new ReadOnlyMemory<byte>[] { data })
                : throw Unfit($"input '{input.Name}' is BYTES of shape {BinaryTensors.Text(input.Shape.AsSpan())}; a raw request is one element");
        }

        if (shape.Count(d => d < 0) > 1 && served.Config.IsBatched)
            shape[0] = 1;
        if (shape.Count(d => d < 0) > 1)
            throw Unfit($"input '{input.Name}' has the shape {BinaryTensors.Text(input.Shape.AsSpan())}; a raw request leaves at most one dimension open");
        var free = Array.FindIndex(shape, d => d < 0);
        if (free >= 0)
        {
            shape[free] = 1;
            var row = BinaryTensors.Count(input.Name, shape) * type.Size();
            shape[free] = row > 0 && data.Length % row == 0 ? data.Length / row : throw Unfit($"the body has {data.Length} bytes; input '{input.Name}' of shape {BinaryTensors.Text(input.Shape.AsSpan())} takes a multiple of {row}");
        }

        return BinaryTensors.Read(input.Name, type, shape, data);
    }

    private static ApiException Unfit(string detail) => new(400, "invalid", $"Raw request: {detail}. Send the tensors with a JSON header instead.");
}

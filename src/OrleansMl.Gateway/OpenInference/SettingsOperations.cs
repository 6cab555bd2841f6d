using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using OrleansMl.Gateway.Api;
using OrleansMl.Gateway.Json;
using OrleansMl.Gateway.Routing;
using OrleansMl.Wire;

namespace OrleansMl.Gateway.OpenInference;

/// <summary>The extensions trace and logging over REST.</summary>
internal sealed class SettingsOperations(InferenceDataPlane plane, TraceSettings traces, LogSettings logs, IOptions<GatewayOptions> options) : IOperationGroup
{
    public IEnumerable<Operation> Operations =>
    [
        .. Trace("/v2/trace/setting", []),
        .. Trace("/v2/models/{model}/trace/setting", [404, 503]),
        new("GET", "/v2/logging", GatewayRoles.Predict, LogAsync, "What is written to the log.") { Answers = [new(200, "In force.", "LogSettings")] },
        new("POST", "/v2/logging", GatewayRoles.Operate, LogAsync, "Change what is written to the log.")
        {
            Request = [new(JsonAnswer.Json, "LogSettings")], RequestOptional = true, Answers = [new(200, "In force now.", "LogSettings")],
        },
    ];

    private IEnumerable<Operation> Trace(string path, int[] errors) =>
    [
        new("GET", path, GatewayRoles.Predict, TraceAsync, "Which requests are traced.") { Answers = [new(200, "In force.", "TraceSettings")], Errors = errors },
        new("POST", path, GatewayRoles.Operate, TraceAsync, "Change which requests are traced; null puts a setting back.")
        {
            Request = [new(JsonAnswer.Json, "TraceSettings")], RequestOptional = true, Answers = [new(200, "In force now.", "TraceSettings")], Errors = [.. errors, 501],
        },
    ];

    private async Task TraceAsync(HttpContext context)
    {
        string? model = null;
        if (context.Request.RouteValues.ContainsKey("model"))
        {
            model = RouteValues.Model(context);
            await plane.DescribeAsync(model, null, context.RequestAborted).ConfigureAwait(false);
        }

        if (HttpMethods.IsPost(context.Request.Method))
        {
            var changes = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
            await ReadAsync(context, (string name, ref StrictReader reader) => changes[name] = ReadTexts(name, ref reader)).ConfigureAwait(false);
            traces.Update(model, changes);
        }

        await JsonAnswer.WriteAsync(context, 200, traces.Read(model), static (writer, settings) =>
        {
            writer.WriteStartObject();
            foreach (var (name, values) in settings)
            {
                if (name != TraceSettings.Level)
                {
                    writer.WriteString(name, values[0]);
                    continue;
                }

                writer.WriteStartArray(name);
                foreach (var value in values)
                    writer.WriteStringValue(value);
                writer.WriteEndArray();
            }

            writer.WriteEndObject();
        }).ConfigureAwait(false);
    }

    private async Task LogAsync(HttpContext context)
    {
        if (HttpMethods.IsPost(context.Request.Method))
        {
            var changes = new Dictionary<string, object?>(StringComparer.Ordinal);
            await ReadAsync(context, (string name, ref StrictReader reader) => changes[name] = reader.TokenType switch
            {
                JsonTokenType.True => true,
                JsonTokenType.False => false,
                JsonTokenType.String => reader.ReadString(name),
                JsonTokenType.Number when reader.TryGetInt64(out var whole) => whole,
                _ => reader.Excerpt(),
            }).ConfigureAwait(false);
            if (changes.Count > 0)
                logs.Update(changes);
        }

        await JsonAnswer.WriteAsync(context, 200, logs.Read(), static (writer, settings) =>
        {
            writer.WriteStartObject();
            foreach (var (name, value) in settings)
            {
                switch (value)
                {
                    case bool truth:
                        writer.WriteBoolean(name, truth);
                        break;
                    case int number:
                        writer.WriteNumber(name, number);
                        break;
                    default:
                        writer.WriteString(name, (string)value);
                        break;
                }
            }

            writer.WriteEndObject();
        }).ConfigureAwait(false);
    }

    private delegate void Setting(string name, ref StrictReader reader);

    private async Task ReadAsync(HttpContext context, Setting take)
    {
        using var body = await RequestBody.ReadDecodedAsync(context, options.Value.MaxBodyBytes, 0).ConfigureAwait(false);
        if (body.Length == 0)
            return;
        StrictReader.Parse(body.Span, (ref StrictReader reader) =>
        {
            reader.ExpectObject("The settings");
            var names = new HashSet<string>(StringComparer.Ordinal);
            while (reader.NextName() is { } name)
            {
                if (!names.Add(name))
                    throw reader.Fault("repeated_member", $"The setting '{name}' is given twice; give it once.");
                take(name, ref reader);
                reader.Skip();
            }

            return true;
        });
    }

    // Null clears; numbers are taken too, since clients send both.
    private static List<string> ReadTexts(string name, ref StrictReader reader)
    {
        if (reader.IsNull)
            return [];
        if (reader.TokenType != JsonTokenType.StartArray)
            return [reader.TokenType == JsonTokenType.Number ? reader.Excerpt() : reader.ReadString(name)];
        var texts = new List<string>();
        while (reader.NextElement())
            texts.Add(reader.ReadString(name));
        return texts;
    }
}

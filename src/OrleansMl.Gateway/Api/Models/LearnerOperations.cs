using System.Text.Json;
using Microsoft.AspNetCore.Http;
using OrleansMl.Gateway.Errors;
using OrleansMl.Gateway.Json;
using OrleansMl.Gateway.Routing;
using OrleansMl.Services;

namespace OrleansMl.Gateway.Api;

/// <summary>The online learner of a model.</summary>
internal sealed class LearnerOperations(IControlService control) : IOperationGroup
{
    public IEnumerable<Operation> Operations =>
    [
        new("GET", "/api/v1/models/{model}/learner", GatewayRoles.Predict, GetAsync, "State and prequential losses of a model's learner.")
        {
            Answers = [new(200, "The learner.", "Learner")],
            Errors = [404],
        },
        Command("pause", "Stop learning; examples wait."),
        Command("resume", "Learn on."),
        Command("reset", "Start a new lineage; versions stay."),
        Command("snapshot", "Register the learner as it stands as a version."),
    ];

    private Operation Command(string command, string summary)
        => new("POST", "/api/v1/models/{model}/learner/" + command, GatewayRoles.Operate, context => CommandAsync(context, command), summary)
        {
            Answers = [new(200, "The learner after it.", "Learner")],
            Errors = [404, 409, 422],
        };

    private async Task GetAsync(HttpContext context)
        => await JsonAnswer.WriteAsync(context, 200, (await control.GetLearnerAsync(RouteValues.Model(context), context.RequestAborted).ConfigureAwait(false)).OrThrow(), Write).ConfigureAwait(false);

    private async Task CommandAsync(HttpContext context, string command)
        => await JsonAnswer.WriteAsync(context, 200, (await control.CommandLearnerAsync(RouteValues.Model(context), command, context.RequestAborted).ConfigureAwait(false)).OrThrow(), Write).ConfigureAwait(false);

    public static void Write(Utf8JsonWriter writer, LearnerStatus learner)
    {
        var losses = learner.Losses.IsDefault ? [] : learner.Losses;
        writer.WriteStartObject();
        writer.WriteString("model"u8, learner.Model);
        writer.WriteString("state"u8, learner.State);
        writer.WriteString("reason"u8, learner.Reason);
        writer.WriteString("held"u8, learner.Held);
        writer.WriteNumber("examples"u8, learner.Examples);
        writer.WriteNumber("recomputed"u8, learner.Recomputed);
        // the loss is what the learner minimises; its other figures stand in metrics
        var loss = losses.FirstOrDefault(reading => reading is { Predictor: "learner", Metric: "log_loss" or "squared_error" });
        writer.WriteOrNull("loss"u8, loss, WriteReading);
        WriteReadings(writer, "metrics"u8, losses.Where(reading => reading.Predictor == "learner"));
        WriteReadings(writer, "baselines"u8, losses.Where(reading => reading.Predictor != "learner"));
        writer.WriteVersion("candidateVersion"u8, learner.CandidateVersion);
        writer.WriteVersion("championVersion"u8, learner.ChampionVersion);
        writer.WriteNumber("revision"u8, learner.Revision);
        writer.WriteNumber("lineage"u8, learner.Lineage);
        writer.WriteNumberOrNull("prior"u8, learner.Prior);
        writer.WriteOrNull("evidence"u8, learner.Evidence, EvidenceJson.Write);
        writer.WriteEndObject();
    }

    private static void WriteReadings(Utf8JsonWriter writer, ReadOnlySpan<byte> name, IEnumerable<LossReading> readings)
    {
        writer.WriteStartArray(name);
        foreach (var reading in readings)
            WriteReading(writer, reading);
        writer.WriteEndArray();
    }

    private static void WriteReading(Utf8JsonWriter writer, LossReading reading)
    {
        writer.WriteStartObject();
        writer.WriteString("predictor"u8, reading.Predictor);
        writer.WriteString("metric"u8, reading.Metric);
        writer.WriteNumberOrNull("cumulative"u8, reading.Cumulative);
        writer.WriteNumberOrNull("windowed"u8, reading.Windowed);
        writer.WriteNumberOrNull("fading"u8, reading.Fading);
        writer.WriteNumber("n"u8, reading.N);
        writer.WriteEndObject();
    }
}

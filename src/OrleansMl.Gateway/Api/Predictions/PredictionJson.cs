using System.Collections.Immutable;
using System.Text.Json;
using OrleansMl.Gateway.Json;
using OrleansMl.Services;
using OrleansMl.Storage;

namespace OrleansMl.Gateway.Api;

/// <summary>Predictions, features and readings as JSON.</summary>
internal static class PredictionJson
{
    public static void WriteResponse(Utf8JsonWriter writer, PredictResponse response, bool withFeatures)
    {
        writer.WriteStartObject();
        writer.WriteString("predictionId"u8, response.PredictionId);
        writer.WriteString("model"u8, response.Model);
        writer.WriteVersion("modelVersion"u8, response.Version);
        if (response.Revision is { } revision)
            writer.WriteNumber("revision"u8, revision);
        WriteOutput(writer, response);
        if (!response.Ranked.IsDefaultOrEmpty)
        {
            writer.WriteStartArray("ranked"u8);
            foreach (var candidate in response.Ranked)
            {
                writer.WriteStartObject();
                writer.WriteEntity("entity"u8, candidate.Entity);
                writer.WriteNumberOrNull("score"u8, candidate.Score);
                writer.WriteNumber("rank"u8, candidate.Rank);
                writer.WriteNumberOrNull("propensity"u8, candidate.Propensity);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        if (response.Propensity is { } propensity)
            writer.WriteNumberOrNull("propensity"u8, propensity);
        writer.WriteString("fallback"u8, response.Fallback);
        writer.WriteNumber("sequence"u8, response.Sequence);
        if (withFeatures)
            WriteFeatures(writer, "features"u8, response.Features);
        if (response.Explanation is { } explanation)
            WriteExplanation(writer, explanation);
        writer.WriteEndObject();
    }

    private static void WriteExplanation(Utf8JsonWriter writer, Explanation explanation)
    {
        writer.WriteStartObject("explanation"u8);
        writer.WriteString("method"u8, explanation.Method);
        writer.WriteNumberOrNull("score"u8, explanation.Score);
        writer.WriteNumberOrNull("baseline"u8, explanation.Baseline);
        writer.WriteStartArray("columns"u8);
        foreach (var column in explanation.Columns)
        {
            writer.WriteStartObject();
            writer.WriteString("name"u8, column.Name);
            writer.WritePropertyName("value"u8);
            writer.WriteScalarValue(column.Value);
            writer.WriteNumberOrNull("contribution"u8, column.Contribution);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteOutput(Utf8JsonWriter writer, PredictResponse response)
    {
        writer.WriteStartObject("output"u8);
        if (response.Label is not null)
            writer.WriteString("label"u8, response.Label);
        if (response.Score is { } score)
            writer.WriteNumberOrNull("score"u8, score);
        if (!response.Values.IsDefaultOrEmpty)
        {
            writer.WriteStartObject("values"u8);
            foreach (var value in response.Values)
            {
                writer.WritePropertyName(value.Name);
                writer.WriteScalarValue(value.Value);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    public static void WriteFeatures(Utf8JsonWriter writer, ReadOnlySpan<byte> name, ImmutableArray<FeatureValue> features)
    {
        writer.WriteStartArray(name);
        foreach (var feature in features.IsDefault ? [] : features)
        {
            writer.WriteStartObject();
            writer.WriteString("name"u8, feature.Name);
            writer.WriteScalar("value"u8, feature.Value);
            writer.WriteString("status"u8, feature.Status switch
            {
                FeatureStatus.Present => "present"u8,
                FeatureStatus.Expired => "expired"u8,
                _ => "missing"u8,
            });
            writer.WriteTime("eventTime"u8, feature.EventTime);
            writer.WriteBoolean("usedDefault"u8, feature.UsedDefault);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    public static void WriteReading(Utf8JsonWriter writer, FeatureReading reading)
    {
        writer.WriteStartObject();
        writer.WriteEntity("entity"u8, reading.Entity);
        writer.WriteTime("asOf"u8, reading.AsOf);
        writer.WriteNumber("sequence"u8, reading.Sequence);
        WriteFeatures(writer, "features"u8, reading.Features);
        writer.WriteEndObject();
    }

    public static void WriteLogged(Utf8JsonWriter writer, LoggedPrediction logged)
    {
        var record = logged.Record;
        writer.WriteStartObject();
        writer.WriteString("predictionId"u8, record.PredictionId);
        writer.WriteString("model"u8, record.Model);
        writer.WriteVersion("modelVersion"u8, record.Version == 0 ? null : record.Version);
        if (record.LearnerRevision is { } revision)
            writer.WriteNumber("revision"u8, revision);
        writer.WriteEntity("entity"u8, logged.Entity);
        writer.WriteString("target"u8, OrNull(record.Target));
        writer.WriteString("subject"u8, OrNull(record.Subject));
        writer.WriteTime("time"u8, record.Time);
        writer.WriteTime("created"u8, record.Created);
        writer.WriteTime("windowEnd"u8, record.WindowEnd);
        writer.WriteString("requestId"u8, record.RequestId);
        if (logged.Answer is { } answer)
        {
            WriteOutput(writer, answer);
            writer.WriteString("fallback"u8, answer.Fallback);
        }
        else
        {
            writer.WriteStartObject("output"u8);
            writer.WriteNumberOrNull("score"u8, record.Score);
            writer.WriteEndObject();
        }

        if (record.Propensity is { } propensity)
            writer.WriteNumberOrNull("propensity"u8, propensity);
        writer.WriteNumber("sequence"u8, record.Sequence);
        WriteFeatures(writer, "vector"u8, logged.Vector);
        writer.WriteStartObject("outcome"u8);
        writer.WriteString("state"u8, NameOf(record.State));
        writer.WriteScalar("value"u8, logged.Label);
        writer.WriteString("source"u8, record.OutcomeSource);
        writer.WriteNumber("revision"u8, record.OutcomeRevision);
        writer.WriteString("id"u8, record.OutcomeId);
        writer.WriteTime("time"u8, record.OutcomeTime);
        writer.WriteTime("labelledAt"u8, record.LabelledAt);
        if (!logged.History.IsDefault)
            WriteHistory(writer, logged.History);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteHistory(Utf8JsonWriter writer, ImmutableArray<LoggedLabel> history)
    {
        writer.WriteStartArray("history"u8);
        foreach (var (label, value) in history)
        {
            writer.WriteStartObject();
            writer.WriteScalar("value"u8, value);
            writer.WriteString("source"u8, label.Source);
            writer.WriteString("id"u8, label.OutcomeId);
            writer.WriteTime("time"u8, label.Time);
            writer.WriteNumber("revision"u8, label.Revision);
            writer.WriteTime("received"u8, label.Received);
            writer.WriteString("verdict"u8, label.Verdict switch
            {
                LabelVerdict.Stands => "stands"u8,
                LabelVerdict.Replaced => "replaced"u8,
                _ => "kept"u8,
            });
            writer.WriteString("reason"u8, label.Reason);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    public static string NameOf(PredictionState state) => state switch
    {
        PredictionState.Predicted => "predicted",
        PredictionState.Labelled => "labelled",
        PredictionState.Defaulted => "defaulted",
        PredictionState.Corrected => "corrected",
        _ => "closed",
    };

    private static string? OrNull(string text) => text.Length == 0 ? null : text;
}

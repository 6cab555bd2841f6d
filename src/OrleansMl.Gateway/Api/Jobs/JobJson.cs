using System.Text.Json;
using OrleansMl.Datasets;
using OrleansMl.Gateway.Errors;
using OrleansMl.Gateway.Json;
using OrleansMl.Jobs;
using OrleansMl.Storage;

namespace OrleansMl.Gateway.Api;

/// <summary>Jobs and data sets as JSON.</summary>
internal static class JobJson
{
    public static void WriteJob(Utf8JsonWriter writer, JobStatus job)
    {
        var spec = job.Spec;
        writer.WriteStartObject();
        writer.WriteString("id"u8, job.Id);
        writer.WriteString("kind"u8, spec.Kind);
        writer.WriteString("model"u8, spec.Model);
        writer.WriteVersion("version"u8, spec.Version);
        writer.WriteString("dataset"u8, spec.Dataset);
        writer.WriteJson("params"u8, spec.Params);
        writer.WriteJson("window"u8, spec.Window);
        writer.WriteJson("trainer"u8, spec.Trainer);
        writer.WriteNumberOrNull("seed"u8, spec.Seed);
        writer.WriteString("repeatOf"u8, spec.RepeatOf);
        writer.WriteString("by"u8, spec.By);
        writer.WriteString("state"u8, NameOf(job.State));
        writer.WriteBoolean("cancelling"u8, job.IsCancelling);
        writer.WriteString("step"u8, job.Step);
        writer.WriteNumber("attempt"u8, job.Attempt);
        writer.WriteNumberOrNull("progress"u8, job.Progress);
        writer.WriteNumberOrNull("etaSeconds"u8, job.EtaSeconds);
        writer.WriteStartObject("metrics"u8);
        foreach (var (name, value) in job.Metrics)
        {
            writer.WritePropertyName(name);
            if (double.IsFinite(value))
                writer.WriteNumberValue(value);
            else
                writer.WriteNullValue();
        }

        writer.WriteEndObject();
        writer.WriteJson("result"u8, job.Result);
        WriteError(writer, job.Error);
        writer.WriteTime("created"u8, job.Created);
        writer.WriteTime("started"u8, job.Started);
        writer.WriteTime("ended"u8, job.Ended);
        writer.WriteEndObject();
    }

    public static void WriteManifest(Utf8JsonWriter writer, (JobReport Report, GatewayOptions Options) state)
    {
        var (report, options) = state;
        var (manifest, dataset, version) = report;
        writer.WriteStartObject();
        writer.WritePropertyName("job"u8);
        WriteJob(writer, manifest.Status);
        writer.WriteStartArray("attempts"u8);
        foreach (var attempt in manifest.Attempts)
        {
            writer.WriteStartObject();
            writer.WriteNumber("number"u8, attempt.Number);
            writer.WriteString("owner"u8, attempt.Owner);
            writer.WriteTime("started"u8, attempt.Started);
            writer.WriteTime("ended"u8, attempt.Ended);
            writer.WriteString("reason"u8, attempt.Reason);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WritePropertyName("dataset"u8);
        if (dataset is null)
            writer.WriteNullValue();
        else
            WriteDataset(writer, dataset);
        writer.WriteString("versionDigest"u8, version?.Digest);
        if (report.Repeat is { } repeat)
        {
            writer.WriteStartObject("repeatable"u8);
            writer.WriteBoolean("value"u8, repeat.IsRepeatable);
            writer.WriteString("reason"u8, repeat.Reason);
            writer.WriteEndObject();
        }
        else
        {
            writer.WriteNull("repeatable"u8);
        }

        writer.WriteString("engine"u8, options.Engine);
        writer.WriteString("product"u8, options.ProductVersion);
        writer.WriteEndObject();
    }

    public static void WriteLogLine(Utf8JsonWriter writer, JobLogRow line)
    {
        writer.WriteStartObject();
        writer.WriteNumber("sequence"u8, line.Sequence);
        writer.WriteTime("time"u8, line.Time);
        writer.WriteString("level"u8, line.Level);
        writer.WriteString("text"u8, line.Text);
        writer.WriteEndObject();
    }

    public static void WriteDataset(Utf8JsonWriter writer, DatasetRecord dataset)
    {
        writer.WriteStartObject();
        WriteMembers(writer, dataset);
        writer.WriteEndObject();
    }

    /// <summary>With the versions that were learned from it.</summary>
    public static void WriteOverview(Utf8JsonWriter writer, DatasetOverview overview)
    {
        writer.WriteStartObject();
        WriteMembers(writer, overview.Dataset);
        writer.WriteStartArray("versions"u8);
        foreach (var version in overview.Versions)
        {
            writer.WriteStartObject();
            writer.WriteString("model"u8, version.Model);
            writer.WriteVersion("version"u8, version.Version);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    public static string NameOf(JobState state) => state switch
    {
        JobState.Queued => "queued",
        JobState.Running => "running",
        JobState.Succeeded => "succeeded",
        JobState.Failed => "failed",
        _ => "cancelled",
    };

    private static void WriteMembers(Utf8JsonWriter writer, DatasetRecord dataset)
    {
        writer.WriteString("id"u8, dataset.Id);
        writer.WriteString("format"u8, dataset.Format);
        writer.WriteString("name"u8, dataset.Name);
        writer.WriteNumber("rows"u8, dataset.Rows);
        writer.WriteNumber("bytes"u8, dataset.Bytes);
        writer.WriteString("hash"u8, dataset.Hash);
        writer.WriteStartArray("schema"u8);
        foreach (var column in dataset.Columns)
        {
            writer.WriteStartObject();
            writer.WriteString("name"u8, column.Name);
            writer.WriteString("type"u8, column.Type);
            writer.WriteNumber("missing"u8, column.Missing);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteTime("created"u8, dataset.Created);
        writer.WriteString("kind"u8, dataset.Kind);
        writer.WriteString("model"u8, dataset.Model);
        writer.WriteString("job"u8, dataset.Job);
    }

    private static void WriteError(Utf8JsonWriter writer, OmlError? error)
    {
        if (error is null)
        {
            writer.WriteNull("error"u8);
            return;
        }

        writer.WriteStartObject("error"u8);
        writer.WriteString("code"u8, error.Code);
        writer.WriteString("detail"u8, error.Detail);
        ErrorWriter.WriteFaults(writer, error.Faults.IsDefault ? [] : error.Faults.AsSpan());
        writer.WriteEndObject();
    }
}

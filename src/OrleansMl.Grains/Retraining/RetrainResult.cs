using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using OrleansMl.Jobs;
using OrleansMl.Storage;
using OrleansMl.Training;

namespace OrleansMl.Retraining;

/// <summary>What came of a retraining, as the result of its job and as the lineage of its version.</summary>
internal static class RetrainResult
{
    /// <summary>Version of this software.</summary>
    /// <summary>Version of this software.</summary>
    public static string Code { get; } = typeof(RetrainResult).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";

    public static VersionLineage LineageOf(RetrainPlan plan, string job, DatasetRecord dataset, TrainingPlan training, RetrainCheckpoint state, TrainedImportances? importances) => new()
    {
        Job = job,
        Dataset = dataset.Id,
        DatasetHash = dataset.Hash,
        Rows = state.Rows!.Profile.Rows,
        From = plan.Dataset is null ? plan.Window.From : null,
        To = plan.Dataset is null ? plan.Window.To : null,
        Application = plan.Model.Application,
        Revision = plan.Revision,
        Features = plan.Model.Lineage,
        Trainer = plan.Trainer.Type,
        Parameters = JsonSerializer.Serialize(plan.Trainer.Parameters),
        Seed = plan.Seed,
        Threads = plan.Parameters.Threads,
        Plan = training.Hash(),
        Code = Code,
        ImportanceMeasure = importances?.Measure,
        Importances = [.. (importances?.Columns ?? []).Select(one => new VersionImportance(one.Column, one.Importance))],
    };

    /// <param name="importances">Null: the trainer tells nothing of the sort.</param>
    /// <param name="repeated">Result of the job that this one repeats; null: it repeats none.</param>
    public static string Write(RetrainPlan plan, JobSpec spec, TrainingPlan training, DatasetRecord dataset, RetrainCheckpoint state, VersionManifest version, RetrainDecision decision, TrainedImportances? importances, JsonElement? repeated)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("decision", decision.Word);
            writer.WriteString("reason", decision.Reason);
            writer.WriteString("version", Text(version.Version));
            writer.WriteString("digest", version.Digest);
            writer.WriteString("parent", Text(state.Held!.Champion));
            writer.WriteString("dataset", dataset.Id);
            writer.WriteString("datasetHash", dataset.Hash);
            WriteRows(writer, state);
            WriteServed(writer, state.Served);
            writer.WriteStartObject("trainer");
            writer.WriteString("type", plan.Trainer.Type);
            writer.WritePropertyName("params");
            writer.WriteRawValue(JsonSerializer.Serialize(plan.Trainer.Parameters));
            writer.WriteEndObject();
            writer.WriteNumber("seed", plan.Seed);
            writer.WriteNumber("threads", plan.Parameters.Threads);
            writer.WriteString("plan", training.Hash());
            writer.WriteString("calibration", state.Held.Calibration);
            WriteTest(writer, state.Held);
            WriteImportances(writer, importances);
            writer.WriteStartObject("seconds");
            foreach (var (step, seconds) in state.Seconds)
                writer.WriteNumber(step, Math.Round(seconds, 3));
            writer.WriteEndObject();
            if (repeated is { } before)
                WriteRepeat(writer, spec.RepeatOf!, training.Hash(), version.Digest, before);
            writer.WriteWarnings(state.Warnings);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void WriteRows(Utf8JsonWriter writer, RetrainCheckpoint state)
    {
        var (profile, held) = (state.Rows!.Profile, state.Held!);
        writer.WriteNumber("rows", profile.Rows);
        writer.WriteStartObject("split");
        writer.WriteNumber("train", held.Train);
        writer.WriteNumber("validation", held.Validation);
        writer.WriteNumber("test", held.Test);
        writer.WriteEndObject();
        writer.WriteSkipped(state.Skipped);
    }

    private static void WriteServed(Utf8JsonWriter writer, ServedRows? served)
    {
        if (served is null)
        {
            writer.WriteNull(ServedSample.Member);
            return;
        }

        writer.WriteStartObject(ServedSample.Member);
        writer.WriteString("dataset", served.Dataset);
        writer.WriteNumber("rows", served.Rows);
        writer.WriteEndObject();
    }

    private static void WriteTest(Utf8JsonWriter writer, HeldOutResult held)
    {
        writer.WriteString("champion", Text(held.Champion));
        WriteEvidence(writer, "evidence", held.Evidence);
        writer.WriteStartArray("results");
        foreach (var figure in held.Figures)
        {
            var isModel = figure.Of is CandidateJudge.Candidate or CandidateJudge.Champion;
            writer.WriteStartObject();
            writer.WriteString("of", isModel ? figure.Of : null);
            writer.WriteString("baseline", isModel ? null : figure.Of);
            writer.WriteString("metric", figure.Metric);
            writer.WriteNumberOrNull("value", figure.Value);
            writer.WriteInterval(figure.Lower, figure.Upper);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteImportances(Utf8JsonWriter writer, TrainedImportances? importances)
    {
        if (importances is null)
        {
            writer.WriteNull("importances");
            return;
        }

        writer.WriteStartObject("importances");
        writer.WriteString("measure", importances.Measure);
        writer.WriteStartArray("columns");
        foreach (var one in importances.Columns)
        {
            writer.WriteStartObject();
            writer.WriteString("column", one.Column);
            writer.WriteNumber("importance", one.Importance);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    public static void WriteEvidence(Utf8JsonWriter writer, string name, PromotionEvidence? evidence)
    {
        if (evidence is null)
        {
            writer.WriteNull(name);
            return;
        }

        writer.WriteStartObject(name);
        writer.WriteString("test", evidence.Test);
        writer.WriteString("metric", evidence.Metric);
        writer.WriteNumber("n", evidence.N);
        writer.WriteNumber("estimate", evidence.Estimate);
        writer.WriteInterval(evidence.Lower, evidence.Upper);
        writer.WriteNumber("alpha", evidence.Alpha);
        writer.WriteStartArray("slices");
        foreach (var slice in evidence.Slices)
        {
            writer.WriteStartObject();
            writer.WriteString("slice", slice.Slice);
            writer.WriteNumber("n", slice.N);
            writer.WriteNumber("estimate", slice.Estimate);
            writer.WriteInterval(slice.Lower, slice.Upper);
            writer.WriteString("verdict", slice.Verdict);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>Whether all that went in was the same, and all that came out.</summary>
    private static void WriteRepeat(Utf8JsonWriter writer, string job, string plan, string digest, JsonElement before)
    {
        writer.WriteStartObject("repeat");
        writer.WriteString("of", job);
        writer.WriteBoolean("samePlan", Is("plan", plan));
        writer.WriteBoolean("sameVersion", Is("digest", digest));
        writer.WriteEndObject();

        bool Is(string member, string value) => before.TryGetProperty(member, out var known) && known.ValueEquals(value);
    }

    private static string? Text(int? version) => version?.ToString(CultureInfo.InvariantCulture);
}

using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using OrleansMl.Retraining;

namespace OrleansMl.Jobs.FineTune;

/// <summary>What came of the learning of a head, as the result of its job.</summary>
internal static class FineTuneResult
{
    public static string Write(FineTunePlan plan, JobSpec spec, VersionManifest child, HeadComparison compared, RetrainDecision decision, FineTuneCheckpoint state)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("decision", decision.Word);
            writer.WriteString("reason", decision.Reason);
            writer.WriteString("model", spec.Model);
            writer.WriteString("version", child.Version.ToString(CultureInfo.InvariantCulture));
            writer.WriteString("digest", child.Digest);
            writer.WriteString("parent", plan.Version.Version.ToString(CultureInfo.InvariantCulture));
            writer.WriteString("dataset", plan.Fresh.Id);
            writer.WriteNumber("rows", state.Rows!.Count);
            writer.WriteNumber("skipped", state.Skipped);
            writer.WriteNumber("seed", plan.Seed);
            RetrainResult.WriteEvidence(writer, "evidence", compared.Evidence);
            RetrainResult.WriteEvidence(writer, "kept", compared.Kept);
            writer.WriteNumber("delta", plan.Parameters.Delta);
            Write(writer, "heldOut", compared.Parent, compared.Child);
            if (compared.ParentBefore is { } before)
                Write(writer, "heldOutBefore", before, compared.ChildBefore!);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter writer, string name, HeadFigures parent, HeadFigures child)
    {
        writer.WriteStartObject(name);
        writer.WriteNumber("rows", child.Rows);
        foreach (var (who, figures) in new[] { ("base", parent), ("new", child) })
        {
            writer.WriteStartObject(who);
            if (figures.Accuracy is { } accuracy)
                writer.WriteNumber("accuracy", accuracy);
            writer.WriteNumber(figures.Accuracy is null ? "squaredError" : "logLoss", figures.Loss);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }
}

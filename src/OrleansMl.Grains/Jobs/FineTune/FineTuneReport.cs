using System.Buffers;
using System.Text;
using System.Text.Json;

namespace OrleansMl.Jobs.FineTune;

/// <summary>The judgement on a head that learned.</summary>
/// <param name="Before">The network's own head on held-out rows of the data set.</param>
/// <param name="After">The new one on the same.</param>
/// <param name="OldBefore">The network's own on held-out rows of before; null: there are none.</param>
/// <param name="OldAfter">The new one on the same.</param>
/// <param name="Delta">What may be lost there.</param>
/// <param name="Skipped">Rows without a label.</param>
internal sealed record FineTuneReport(HeadFigures Before, HeadFigures After, HeadFigures? OldBefore, HeadFigures? OldAfter, double Delta, long Skipped)
{
    /// <summary>What was known before is known still, as far as the rows of before tell.</summary>
    public bool IsKept => OldAfter is null || OldAfter.LostSince(OldBefore!) <= Delta;

    public string WhyNot => FormattableString.Invariant($"The new head lost {OldAfter?.LostSince(OldBefore!):G4} on {OldAfter?.Rows} held-out rows of before, and {Delta:G4} is allowed: no version was made. Remember more rows, learn fewer epochs, or raise delta.");

    public IEnumerable<(string Name, double Value)> Metrics()
    {
        yield return ("rows.skipped", Skipped);
        foreach (var (name, figures) in new[] { ("base", Before), ("new", After), ("base.old", OldBefore), ("new.old", OldAfter) })
        {
            if (figures is null)
                continue;
            yield return (figures.Accuracy is null ? $"{name}.squaredError" : $"{name}.logLoss", figures.Loss);
            if (figures.Accuracy is { } accuracy)
                yield return ($"{name}.accuracy", accuracy);
        }
    }

    /// <param name="spec">Of the job.</param>
    /// <param name="version">What was registered; null: the gate was not passed.</param>
    public string ToJson(JobSpec spec, VersionManifest? version)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("model", spec.Model);
            writer.WriteString("parent", spec.Version?.ToString(System.Globalization.CultureInfo.InvariantCulture));
            writer.WriteString("version", version?.Version.ToString(System.Globalization.CultureInfo.InvariantCulture));
            writer.WriteNumber("seed", spec.Seed ?? 1);
            writer.WriteStartObject("gate");
            writer.WriteBoolean("passed", IsKept);
            writer.WriteNumber("delta", Delta);
            if (OldAfter is not null)
                writer.WriteNumber("lost", OldAfter.LostSince(OldBefore!));
            if (!IsKept)
                writer.WriteString("reason", WhyNot);
            writer.WriteEndObject();
            Write(writer, "heldOut", Before, After);
            if (OldAfter is not null)
                Write(writer, "heldOutBefore", OldBefore!, OldAfter);
            writer.WriteNumber("skipped", Skipped);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter writer, string name, HeadFigures before, HeadFigures after)
    {
        writer.WriteStartObject(name);
        writer.WriteNumber("rows", after.Rows);
        foreach (var (who, figures) in new[] { ("base", before), ("new", after) })
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

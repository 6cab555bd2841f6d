using System.Collections.Immutable;
using System.Text;
using OrleansMl.Storage;

namespace OrleansMl.Predictions;

/// <summary>A labelled example as it lies in the outbox between the join and the trainer.</summary>
public static class ExampleCodec
{
    private const byte Version = 1;
    private const string Prefix = "examples/";

    /// <summary>The outbox topic of a model's trainer.</summary>
    public static string TopicOf(string model) => Prefix + model;

    /// <summary>The model of a topic; null when the topic is another's.</summary>
    public static string? ModelOf(string topic) => topic.StartsWith(Prefix, StringComparison.Ordinal) ? topic[Prefix.Length..] : null;

    public static byte[] Encode(PredictionRecord prediction, double label, bool isCorrection)
    {
        using var stream = new MemoryStream(128 + prediction.Vector.Length);
        using (var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(Version);
            writer.Write(prediction.PredictionId);
            writer.Write(label);
            writer.Write(prediction.Score ?? double.NaN);
            writer.Write(prediction.Version);
            writer.Write(prediction.Time.Ticks);
            writer.Write(isCorrection);
            writer.Write(prediction.Lineage);
            writer.Write(prediction.Vector.Length);
            writer.Write(prediction.Vector.Span);
        }

        return stream.ToArray();
    }

    public static LabeledExample Decode(long offset, ReadOnlyMemory<byte> payload)
    {
        using var reader = new BinaryReader(new MemoryStream(payload.ToArray(), writable: false), Encoding.UTF8);
        if (reader.ReadByte() is var version && version != Version)
            throw new InvalidDataException($"An example of version {version} is not known here; {Version} is.");
        var predictionId = reader.ReadString();
        var label = reader.ReadDouble();
        var score = reader.ReadDouble();
        var served = reader.ReadInt32();
        var time = new DateTime(reader.ReadInt64(), DateTimeKind.Utc);
        var correction = reader.ReadBoolean();
        var lineage = reader.ReadInt32();
        var vector = VectorCodec.Decode(reader.ReadBytes(reader.ReadInt32()));
        return new LabeledExample
        {
            Offset = offset,
            PredictionId = predictionId,
            Columns = [.. vector.Select(f => f.Name)],
            Values = [.. vector.Select(f => f.Value)],
            Label = label,
            ServedScore = double.IsNaN(score) ? null : score,
            ServedVersion = served == 0 ? null : served,
            Time = time,
            Correction = correction,
            Lineage = lineage,
        };
    }
}

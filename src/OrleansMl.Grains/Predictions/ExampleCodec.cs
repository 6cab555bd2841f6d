using System.Diagnostics;
using System.Globalization;
using System.Text;
using OrleansMl.Learning;
using OrleansMl.Storage;
using OrleansMl.Trainers;

namespace OrleansMl.Predictions;

/// <summary>A labelled example as a record of its model's stream, between the join and the trainer.</summary>
internal static class ExampleCodec
{
    public const string Type = "example";
    public const string ContentType = "application/vnd.orleansml.example";

    private const byte Version = 1;
    private const byte CorrectionFlag = 1;
    private const byte OrganicFlag = 2;
    private const byte RecomputedFlag = 4;

    /// <summary>What the answer of several classes was worth follows the vector.</summary>
    private const byte ClassesFlag = 8;

    /// <param name="prediction">What was predicted.</param>
    /// <param name="label">Its truth.</param>
    /// <param name="revision">Revision of the truth.</param>
    /// <param name="isCorrection">An earlier label of the prediction was learned already.</param>
    /// <param name="isRecomputed">Its vector is not the one that was served.</param>
    public static StreamRecord ToRecord(PredictionRecord prediction, double label, int revision, bool isCorrection, bool isRecomputed = false) => new()
    {
        Id = string.Create(CultureInfo.InvariantCulture, $"{prediction.PredictionId}/{revision}"),
        Type = Type,
        Time = prediction.Time,
        Subject = prediction.EntityKey.Length == 0 ? null : EntityId.FromGrainKey(prediction.EntityKey).ToString(),
        TraceParent = Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity ? activity.Id : null,
        ContentType = ContentType,
        Data = Encode(prediction, label, isCorrection, isRecomputed: isRecomputed),
    };

    /// <summary>The example that a truth is by itself: nothing was predicted.</summary>
    /// <param name="vector">What was known just before it.</param>
    /// <param name="label">The truth.</param>
    /// <param name="revision">Its revision.</param>
    public static StreamRecord ToOrganicRecord(PredictionRecord vector, double label, int revision) =>
        ToRecord(vector, label, revision, isCorrection: revision > 0) with { Data = Encode(vector, label, isCorrection: revision > 0, isOrganic: true) };

    private static byte[] Encode(PredictionRecord prediction, double label, bool isCorrection, bool isOrganic = false, bool isRecomputed = false)
    {
        var served = ProbabilityCodec.Judge(prediction.Decision.Span, label);
        using var stream = new MemoryStream(128 + prediction.Vector.Length);
        using (var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(Version);
            writer.Write(prediction.PredictionId);
            writer.Write(label);
            writer.Write(prediction.Score ?? double.NaN);
            writer.Write(prediction.Version);
            writer.Write(prediction.Time.Ticks);
            writer.Write((byte)((isCorrection ? CorrectionFlag : 0) | (isOrganic ? OrganicFlag : 0) | (isRecomputed ? RecomputedFlag : 0) | (served is not null ? ClassesFlag : 0)));
            writer.Write(prediction.Lineage);
            writer.Write(prediction.Vector.Length);
            writer.Write(prediction.Vector.Span);
            if (served is { } answer)
            {
                writer.Write(answer.Class);
                writer.Write(answer.OfTruth);
                writer.Write(answer.SquaredError);
            }
        }

        return stream.ToArray();
    }

    /// <exception cref="InvalidDataException">These bytes are no example, or of a version that is not known here.</exception>
    public static LabeledExample Decode(long sequence, ReadOnlyMemory<byte> data)
    {
        try
        {
            return Read(sequence, data);
        }
        catch (Exception exception) when (exception is EndOfStreamException or FormatException or ArgumentException)
        {
            throw new InvalidDataException($"The example is cut off or damaged: {exception.Message}", exception);
        }
    }

    private static LabeledExample Read(long sequence, ReadOnlyMemory<byte> data)
    {
        using var reader = new BinaryReader(new MemoryStream(data.ToArray(), writable: false), Encoding.UTF8);
        if (reader.ReadByte() is var version && version != Version)
            throw new InvalidDataException($"An example of version {version} is not known here; {Version} is.");
        var predictionId = reader.ReadString();
        var label = reader.ReadDouble();
        var score = reader.ReadDouble();
        var served = reader.ReadInt32();
        var time = new DateTime(reader.ReadInt64(), DateTimeKind.Utc);
        var flags = reader.ReadByte();
        var lineage = reader.ReadInt32();
        var length = reader.ReadInt32();
        if (length < 0 || length > data.Length)
            throw new InvalidDataException($"It claims a vector of {length} bytes in {data.Length}.");
        var vector = VectorCodec.Decode(reader.ReadBytes(length));
        return new LabeledExample
        {
            Sequence = sequence,
            PredictionId = predictionId,
            Columns = [.. vector.Select(f => f.Name)],
            Values = [.. vector.Select(f => f.Value)],
            Label = label,
            ServedScore = double.IsNaN(score) ? null : score,
            ServedVersion = served == 0 ? null : served,
            Time = time,
            Correction = (flags & CorrectionFlag) != 0,
            Organic = (flags & OrganicFlag) != 0,
            Recomputed = (flags & RecomputedFlag) != 0,
            Lineage = lineage,
            ServedClasses = (flags & ClassesFlag) != 0 ? new ClassAnswer(reader.ReadInt32(), reader.ReadDouble(), reader.ReadDouble()) : null,
        };
    }
}

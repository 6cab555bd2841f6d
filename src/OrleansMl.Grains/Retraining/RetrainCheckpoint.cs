using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using OrleansMl.Training;

namespace OrleansMl.Retraining;

/// <summary>What a retraining has done, with the hashes of what lies in files: the next attempt goes on from it.</summary>
internal sealed record RetrainCheckpoint
{
    /// <summary>The data set that is learned from; null: it is not written yet.</summary>
    public string? Dataset { get; init; }

    /// <summary>Predictions of the log that were passed over, by why.</summary>
    public ImmutableSortedDictionary<string, long> Skipped { get; init; } = ImmutableSortedDictionary<string, long>.Empty;

    /// <summary>The same rows as the work reads them; null: they are not written yet.</summary>
    public RowsFile? Rows { get; init; }

    /// <summary>What the rows are held against; null: too little was served lately, or nobody wants to know.</summary>
    public ServedRows? Served { get; init; }

    /// <summary>The rows have passed the checks.</summary>
    public bool IsValid { get; init; }

    /// <summary>Folder of the last attempt that did work; what is finished and whole there is taken over.</summary>
    public string? Folder { get; init; }

    /// <summary>What the candidate is against the champion; null: not compared yet.</summary>
    public HeldOutResult? Held { get; init; }

    /// <summary>The version that it became; null: not registered yet.</summary>
    public int? Version { get; init; }

    /// <summary>The digest of that version.</summary>
    public string? Digest { get; init; }

    /// <summary>What to look at, though it is no failure.</summary>
    public ImmutableArray<string> Warnings { get; init; } = [];

    /// <summary>Seconds that each step took, those of attempts that were cut off not counted.</summary>
    public ImmutableSortedDictionary<string, double> Seconds { get; init; } = ImmutableSortedDictionary<string, double>.Empty;

    public static RetrainCheckpoint Read(ReadOnlyMemory<byte>? bytes) => bytes is not { } saved
        ? new RetrainCheckpoint()
        : JsonSerializer.Deserialize(saved.Span, RetrainCheckpointJson.Default.RetrainCheckpoint) ?? throw new InvalidDataException("The checkpoint is empty.");

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, RetrainCheckpointJson.Default.RetrainCheckpoint);

    public RetrainCheckpoint Took(string step, TimeSpan time) => this with { Seconds = Seconds.SetItem(step, Seconds.GetValueOrDefault(step) + time.TotalSeconds) };

    /// <summary>With warnings that were not said yet; at most 100.</summary>
    public RetrainCheckpoint Warn(params IEnumerable<string> warnings) => this with { Warnings = [.. Warnings.Union(warnings).Take(100)] };
}

/// <summary>The rows of a data set as the work reads them.</summary>
/// <param name="File">Name of the scratch file.</param>
/// <param name="Hash">Its SHA-256.</param>
/// <param name="Profile">What is in it.</param>
internal sealed record RowsFile(string File, string Hash, RowProfile Profile);

/// <summary>A sample of the vectors that were served lately, as the work reads it.</summary>
/// <param name="Dataset">The data set that keeps it.</param>
/// <param name="Rows">Vectors.</param>
/// <param name="File">Name of the scratch file.</param>
/// <param name="Hash">Its SHA-256.</param>
internal sealed record ServedRows(string Dataset, long Rows, string File, string Hash);

[JsonSourceGenerationOptions(NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(RetrainCheckpoint))]
[JsonSerializable(typeof(ImmutableArray<JudgedFigure>))]
internal sealed partial class RetrainCheckpointJson : JsonSerializerContext;

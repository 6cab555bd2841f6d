using System.Text.Json;
using System.Text.Json.Serialization;
using OrleansMl.Storage;

namespace OrleansMl.Jobs;

/// <summary>How a job lies in the index.</summary>
[JsonSourceGenerationOptions(NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(JobStatus))]
internal sealed partial class JobDocument : JsonSerializerContext
{
    /// <summary>The job as its row has it.</summary>
    public static JobStatus Read(JobRow row) =>
        JsonSerializer.Deserialize(row.Document.Span, Default.JobStatus) ?? throw new InvalidDataException($"The row of job '{row.Id}' is empty.");
}

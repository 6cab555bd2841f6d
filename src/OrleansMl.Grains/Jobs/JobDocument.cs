using System.Text.Json.Serialization;

namespace OrleansMl.Jobs;

/// <summary>How a job lies in the index.</summary>
[JsonSourceGenerationOptions(NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(JobStatus))]
internal sealed partial class JobDocument : JsonSerializerContext;

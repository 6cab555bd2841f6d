using System.Text.Json;

namespace OrleansMl.Training;

/// <summary>Why a training could not be done, where the rows or the plan are at fault and not the program. It lies as <c>error.json</c> beside the plan.</summary>
/// <param name="Code">Machine-readable.</param>
/// <param name="Detail">Names the thing, the value, the limit and the remedy.</param>
public sealed record WorkFailure(string Code, string Detail)
{
    private const string FileName = "error.json";

    internal void Write(string folder) => File.WriteAllBytes(Path.Combine(folder, FileName), JsonSerializer.SerializeToUtf8Bytes(this));

    /// <summary>Null: nothing was said.</summary>
    public static WorkFailure? Read(string folder)
    {
        var file = Path.Combine(folder, FileName);
        return File.Exists(file) ? JsonSerializer.Deserialize<WorkFailure>(File.ReadAllBytes(file)) : null;
    }
}

using System.Text.Json;

namespace OrleansMl.Jobs.Uploads;

/// <summary>What the rows of an upload are.</summary>
public static class UploadKinds
{
    /// <summary>Kind of the jobs that take uploads in.</summary>
    public const string JobKind = "upload";

    public const string Events = "events";
    public const string Attributes = "attributes";
    public const string Outcomes = "outcomes";
    public const string Corrections = "corrections";

    public static bool IsKnown(string? kind) => kind is Events or Attributes or Outcomes or Corrections;

    /// <summary>The parameters of a job that takes such rows in.</summary>
    /// <param name="kind">One of the above.</param>
    /// <param name="entityType">Type of all rows' entities; null: each row says its own.</param>
    /// <param name="eventType">Type of all events; null: each row says its own.</param>
    public static string ParamsOf(string kind, string? entityType, string? eventType)
    {
        var members = new Dictionary<string, string> { ["kind"] = kind };
        if (entityType is not null)
            members["entityType"] = entityType;
        if (eventType is not null)
            members["eventType"] = eventType;
        return JsonSerializer.Serialize(members);
    }
}

using System.Text.Json.Serialization;

namespace OrleansMl.Declaration;

/// <summary>Whose label stands where sources say different things.</summary>
public enum LabelConflict
{
    /// <summary>What came last.</summary>
    Latest,

    /// <summary>What came first; its source may still set itself right.</summary>
    First,

    /// <summary>That of the source with the highest priority.</summary>
    [JsonStringEnumMemberName("highest_priority")]
    HighestPriority,

    /// <summary>What most sources say, each with one vote.</summary>
    Majority,
}

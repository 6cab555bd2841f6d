namespace OrleansMl;

/// <summary>Names of the stream provider and of its namespaces.</summary>
public static class OmlStreams
{
    /// <summary>The stream provider of a silo and a client, whichever log it stands on.</summary>
    public const string Provider = "oml";

    /// <summary>Events of entities. One stream for each shard.</summary>
    public const string Events = "events";

    /// <summary>Answers as they were served.</summary>
    public const string Predictions = "predictions";

    /// <summary>Truths that came late.</summary>
    public const string Outcomes = "outcomes";

    /// <summary>Vectors as served with their truth, for the trainers. The stream's key is the model.</summary>
    public const string Examples = "examples";

    /// <summary>Alarms of monitors, raised and ended. The stream's key is the model.</summary>
    public const string Alarms = "alarms";

    /// <summary>What <see cref="Examples"/> has, of models while a version is rolled out. The stream's key is the model.</summary>
    public const string Rollouts = "rollouts";

    /// <summary>
    /// Media type of data that is a whole event or outcome as over HTTP, id and entity included; other records of those
    /// namespaces have these in their attributes, and the fields as their data.
    /// </summary>
    public const string WholeContentType = "application/vnd.orleansml+json";

    /// <summary>Header of records whose attributes were found by a mapping: their data has members that are no fields.</summary>
    public const string MappedHeader = "oml_mapped";
}

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
}

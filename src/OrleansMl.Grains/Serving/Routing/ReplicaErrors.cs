namespace OrleansMl.Serving;

/// <summary>Errors of a replica that say: ask another one.</summary>
internal static class ReplicaErrors
{
    /// <summary>The version is not available on the silo that was asked.</summary>
    public const string NotHere = "not_here";

    /// <summary>The sequence was not begun on the silo that was asked.</summary>
    public const string SequenceNotOpen = "sequence_not_open";

    public static OmlError NoReplica(ModelVersionId id) => OmlError.Unavailable(
        "not_ready", $"Model '{id.Model}' version {id.Version} is available on no silo that serves; start one, or wait until it is loaded.");

    public static OmlError IsNotHere(ModelVersionId id) => OmlError.Unavailable(NotHere, $"Model '{id.Model}' version {id.Version} is not available on this silo.");

    /// <summary>Another replica may answer. A request that has waited in vain has spent its time.</summary>
    public static bool IsRejection(OmlError error) => error.Code is NotHere or SequenceNotOpen or "queue_full" or "not_ready" or "no_capacity";
}

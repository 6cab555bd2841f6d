using Orleans.Runtime;
using Orleans.Storage;
using OrleansMl.Storage;
using OrleansMl.Storage.Embedded;

namespace OrleansMl.Services;

/// <summary>
/// Tells failures that pass by themselves (a grain that moves, a silo that leaves, a store that is full or closing) from
/// mistakes in the program: the first are 503 with a reason, and safe to send again.
/// </summary>
public static class Unavailability
{
    /// <summary>The codes of errors that a caller meets by sending the same again.</summary>
    public static bool IsRetryable(string code) => code is "not_ready" or "queue_full" or "no_capacity";

    /// <summary>The error to answer with; null when the failure is none of these.</summary>
    public static OmlError? Explain(Exception exception) => exception switch
    {
        LogFencedException or JoinConflictException or InconsistentStateException =>
            OmlError.Unavailable("not_ready", "What the request is about is moving to another silo; send it again, its ids make that safe."),
        TimeoutException => OmlError.Unavailable("not_ready", $"The answer took too long; send the request again, its ids make that safe. {exception.Message}"),
        LimitExceededException => OmlError.Unavailable("queue_full", exception.Message),
        OrleansMessageRejectionException => OmlError.Unavailable("not_ready", $"A silo is leaving or starting; send the request again. {exception.Message}"),
        StoreException => OmlError.Unavailable("no_capacity", $"The store cannot write or read now: {exception.Message}"),
        ObjectDisposedException { ObjectName: nameof(EmbeddedStore) } => OmlError.Unavailable("not_ready", "The server is stopping."),
        AggregateException { InnerException: { } inner } => Explain(inner),

        // As the engine wraps what grain storage throws.
        OrleansException { InnerException: { } inner } when exception.GetType() == typeof(OrleansException) => Explain(inner),
        _ => null,
    };
}

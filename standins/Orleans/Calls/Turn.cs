namespace Orleans.Runtime;

/// <summary>Something an activation runs under its admission rules: a call, a timer's tick, a step of an enumeration.</summary>
internal abstract class Turn
{
    public abstract bool AlwaysInterleave { get; }

    public abstract bool ReadOnly { get; }

    public virtual Guid ReentrancyId => Guid.Empty;

    /// <summary>Belongs to this activation: it is dropped, not forwarded, when the activation ends.</summary>
    public virtual bool IsLocalOnly => false;

    /// <summary>Counts as use, so that the activation is not idle.</summary>
    public virtual bool KeepsAlive => true;

    /// <summary>Nobody waits any more (timed out or cancelled): it is not started.</summary>
    public virtual bool IsAbandoned => false;

    /// <summary>The call, for predicates of <c>[MayInterleave]</c>; null for the engine's own turns.</summary>
    public virtual Serialization.Invocation.IInvokable? Invokable => null;

    /// <summary>Runs within a turn of the activation; never throws.</summary>
    public abstract ValueTask RunAsync(Activation activation);

    /// <summary>Answers with an error instead of running.</summary>
    public abstract void Reject(Exception cause);
}

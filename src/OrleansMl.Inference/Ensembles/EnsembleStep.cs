using System.Collections.Immutable;

namespace OrleansMl.Inference;

/// <summary>What makes tensors of an ensemble out of others.</summary>
public abstract record EnsembleStep
{
    /// <summary>Names of the tensors that must be there before it runs, each once.</summary>
    public abstract ImmutableArray<string> Reads { get; }

    /// <summary>Names of the tensors that are there afterwards; one twice is a fault of the ensemble.</summary>
    public abstract ImmutableArray<string> Writes { get; }

    /// <summary>The models that it may run.</summary>
    public virtual ImmutableArray<ModelCall> Calls => [];

    /// <summary>In words, for messages.</summary>
    public abstract string What { get; }

    /// <summary>What is wrong with the step, whatever stands beside it, with the remedy; null: nothing.</summary>
    internal abstract string? Fault();
}

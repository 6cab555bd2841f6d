using System.Collections.Immutable;

namespace OrleansMl.Jobs;

/// <summary>What a runner has of its attempt. The members that go to the job refuse an attempt that is over.</summary>
public interface IJobContext
{
    string JobId { get; }

    /// <summary>Counts from 1. Names of files and the like that an attempt writes must hold it.</summary>
    int Attempt { get; }

    JobSpec Spec { get; }

    /// <summary>The domain's clock.</summary>
    TimeProvider Clock { get; }

    /// <summary>Step of the last checkpoint; null: none was saved.</summary>
    string? Step { get; }

    /// <summary>What was saved last; null: begin at the beginning.</summary>
    ReadOnlyMemory<byte>? Checkpoint { get; }

    /// <summary>Cancelled when the job is, when the silo stops, and when another attempt has begun.</summary>
    CancellationToken Cancellation { get; }

    /// <summary>Says how far it is; cheap, and sent on now and then.</summary>
    /// <param name="step">What it does.</param>
    /// <param name="fraction">0 to 1; null: not known.</param>
    /// <param name="metrics">Figures of the kind.</param>
    void Report(string step, double? fraction, ImmutableSortedDictionary<string, double> metrics);

    /// <summary>Saves a checkpoint of at most 1 MiB, durable when it returns; larger things go to a store, and their names here.</summary>
    /// <exception cref="JobFencedException">Another attempt has begun: nothing that this one did may count.</exception>
    Task SaveAsync(string step, ReadOnlyMemory<byte> checkpoint);

    /// <summary>Says something to the job's log.</summary>
    /// <param name="level">information | warning | error.</param>
    /// <param name="text">For people.</param>
    Task LogAsync(string level, string text);
}

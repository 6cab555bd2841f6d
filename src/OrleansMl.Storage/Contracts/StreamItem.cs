namespace OrleansMl.Storage;

/// <summary>A record as it lies in the log.</summary>
/// <param name="Queue">The queue of its stream.</param>
/// <param name="Offset">Rises within its queue and is never used again; gaps are where records were trimmed.</param>
/// <param name="Namespace">Namespace of its stream.</param>
/// <param name="Key">Key of its stream.</param>
/// <param name="Sequence">1, 2, 3, … within its stream, in the order of commits; never used again, whatever was trimmed.</param>
/// <param name="Appended">When it was appended, UTC; never falls within a queue.</param>
/// <param name="Record">The writer's bytes.</param>
public readonly record struct StreamItem(int Queue, long Offset, string Namespace, string Key, long Sequence, DateTime Appended, ReadOnlyMemory<byte> Record);

namespace OrleansMl.Storage;

/// <summary>A record to append to a stream.</summary>
/// <param name="Namespace">The stream's namespace: <c>examples</c>, <c>events</c>, …</param>
/// <param name="Key">The stream's key within its namespace: what order is kept for.</param>
/// <param name="Record">The writer's bytes.</param>
public sealed record StreamAppend(string Namespace, string Key, ReadOnlyMemory<byte> Record);

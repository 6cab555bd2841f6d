namespace OrleansMl.Streams;

/// <summary>Where a partition stands that this silo reads.</summary>
/// <param name="Provider">The stream provider, or the bulk reader.</param>
/// <param name="Partition">The partition's name.</param>
/// <param name="Position">How far it is read and done with.</param>
public readonly record struct PartitionStatus(string Provider, string Partition, LogPosition Position);

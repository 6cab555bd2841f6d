namespace OrleansMl;

/// <summary>What became of one record.</summary>
public enum AppendStatus : byte
{
    Accepted = 1,
    Duplicate = 2,
    Rejected = 3,
}

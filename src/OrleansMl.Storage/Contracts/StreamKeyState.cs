namespace OrleansMl.Storage;

/// <summary>Where a stream stands.</summary>
/// <param name="Key">Its key within the namespace.</param>
/// <param name="LastSequence">Sequence of its last record; 0: it has had none.</param>
/// <param name="Released">Sequence that its consumer has released through; null: its records are not kept for a consumer.</param>
public readonly record struct StreamKeyState(string Key, long LastSequence, long? Released)
{
    /// <summary>Records that its consumer has not released.</summary>
    public long Held => Released is { } released ? LastSequence - released : 0;
}

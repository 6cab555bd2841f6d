namespace OrleansMl.Storage.GrainState;

/// <summary>Grain state to bytes and back.</summary>
public interface IGrainStateSerializer
{
    /// <summary>The bytes of a state as it is now; the store keeps them and writes them later.</summary>
    ReadOnlyMemory<byte> Serialize<T>(T? state);

    /// <summary>The state of stored bytes, which are valid during the call; null stands for a fresh state.</summary>
    T? Deserialize<T>(ReadOnlySpan<byte> stored);
}

namespace Orleans.Serialization;

/// <summary>The wire format, which a single process does not have: what asks for it is refused.</summary>
public sealed class Serializer
{
    internal Serializer()
    {
    }

    public byte[] SerializeToArray<T>(T value) => throw Refused(typeof(T));

    public T Deserialize<T>(byte[] source) => throw Refused(typeof(T));

    public T Deserialize<T>(ReadOnlyMemory<byte> source) => throw Refused(typeof(T));

    public T Deserialize<T>(ReadOnlySpan<byte> source) => throw Refused(typeof(T));

    private static NotSupportedException Refused(Type type) => new(
        $"The stand-in engine copies messages and has no wire format, so {type} cannot be written or read as bytes. Use a format of your own, or the real packages (build with OmlEngine=orleans).");
}

using System.Text;

namespace OrleansMl;

/// <summary>
/// The identity of a client, a product, a market …: what events happen to and predictions are made for.
/// </summary>
/// <param name="Type">Name of a declared entity type.</param>
/// <param name="Id">1–256 bytes of UTF-8 without control characters.</param>
[GenerateSerializer, Immutable, Alias("oml.EntityId")]
public readonly record struct EntityId([property: Id(0)] string Type, [property: Id(1)] string Id)
{
    /// <summary>Longest id, in bytes of UTF-8.</summary>
    public const int MaxIdBytes = 256;

    /// <summary>
    /// The grain key: <c>type:</c> and the id with every byte outside [A-Za-z0-9.-] as <c>_hh</c>. Injective, free of
    /// the characters that storage providers fold together (<c>/ \ # ?</c>), at most 832 characters.
    /// </summary>
    public string ToGrainKey() => KeyCodec.Join(Type, Id);

    /// <summary>Inverse of <see cref="ToGrainKey"/>.</summary>
    /// <exception cref="FormatException">The key was not made by <see cref="ToGrainKey"/>.</exception>
    public static EntityId FromGrainKey(string key)
    {
        var (type, id) = KeyCodec.Split(key);
        return new EntityId(type, id);
    }

    public override string ToString() => $"{Type}/{Id}";
}

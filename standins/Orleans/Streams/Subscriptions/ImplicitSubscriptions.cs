using System.Buffers.Binary;
using System.Globalization;
using System.Reflection;
using Orleans.Runtime;

namespace Orleans.Streams;

/// <summary>The grain classes that consume by namespace.</summary>
internal static class ImplicitSubscriptions
{
    private static readonly Lazy<(GrainType Type, Type Class, ImplicitStreamSubscriptionAttribute[] Attributes)[]> Classes = new(
        static () => [.. GrainTypes.Current.Classes.Select(c => (c.Type, c.Class, Attributes: AttributesOf(c.Class))).Where(c => c.Attributes.Length > 0)]);

    /// <exception cref="NotSupportedException">A class maps streams to keys by a rule of its own.</exception>
    public static void Check() => _ = Classes.Value;

    public static IEnumerable<StreamSubscriber> Of(QualifiedStreamId stream) =>
        Matching(stream).Select(c => new StreamSubscriber(IdOf(c.Type, stream), GrainId.Create(c.Type, KeyFor(c.Class, stream.StreamId)), null));

    public static bool TryGetId(GrainType consumer, QualifiedStreamId stream, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out GuidId? id)
    {
        id = Matching(stream).Any(c => c.Type == consumer) ? IdOf(consumer, stream) : null;
        return id is not null;
    }

    /// <summary>The highest bit of the last byte tells implicit subscriptions from explicit ones.</summary>
    public static bool IsImplicit(GuidId subscription) => (subscription.Guid.ToByteArray()[15] & 0x80) != 0;

    public static GuidId NewExplicitId()
    {
        var bytes = Guid.NewGuid().ToByteArray();
        bytes[15] &= 0x7F;
        return GuidId.GetGuidId(new Guid(bytes));
    }

    private static IEnumerable<(GrainType Type, Type Class, ImplicitStreamSubscriptionAttribute[] Attributes)> Matching(QualifiedStreamId stream) =>
        stream.StreamId.GetNamespace() is { } ns && !string.IsNullOrWhiteSpace(ns)
            ? Classes.Value.Where(c => c.Attributes.Any(a => a.Predicate.IsMatch(ns)))
            : [];

    /// <summary>The same in every run: a consumer's subscription is known by it.</summary>
    private static GuidId IdOf(GrainType consumer, QualifiedStreamId stream)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, consumer.GetUniformHashCode());
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[4..], (uint)stream.StreamId.GetHashCode());
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[8..], (uint)stream.StreamId.Namespace.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[12..], StableHash.ComputeHash(stream.ProviderName));
        bytes[15] |= 0x80;
        return GuidId.GetGuidId(new Guid(bytes));
    }

    /// <summary>The stream's key as it is, unless the class derives from <see cref="Grain"/> and has keys of another kind.</summary>
    private static IdSpan KeyFor(Type grainClass, StreamId stream)
    {
        var key = stream.GetKeyAsString();
        if (typeof(Grain).IsAssignableFrom(grainClass))
        {
            if (typeof(IGrainWithGuidKey).IsAssignableFrom(grainClass))
                return GrainIdKeyExtensions.CreateGuidKey(ParseGuid(grainClass, stream));
            if (typeof(IGrainWithGuidCompoundKey).IsAssignableFrom(grainClass))
                return GrainIdKeyExtensions.CreateGuidKey(ParseGuid(grainClass, stream), stream.GetNamespace());
            if (typeof(IGrainWithIntegerKey).IsAssignableFrom(grainClass))
                return GrainIdKeyExtensions.CreateIntegerKey(ParseInteger(grainClass, stream));
            if (typeof(IGrainWithIntegerCompoundKey).IsAssignableFrom(grainClass))
                return GrainIdKeyExtensions.CreateIntegerKey(ParseInteger(grainClass, stream), stream.GetNamespace());
        }

        return IdSpan.Create(key);
    }

    private static Guid ParseGuid(Type grainClass, StreamId stream) =>
        Guid.TryParseExact(stream.GetKeyAsString(), "N", out var key) ? key : throw Unfit(grainClass, stream, "Guid");

    private static long ParseInteger(Type grainClass, StreamId stream) =>
        long.TryParse(stream.GetKeyAsString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var key) ? key : throw Unfit(grainClass, stream, "integer");

    private static ArgumentException Unfit(Type grainClass, StreamId stream, string kind) =>
        new($"Stream '{stream}' has no {kind} key, but its implicit subscriber {grainClass} has {kind} keys.", nameof(stream));

    private static ImplicitStreamSubscriptionAttribute[] AttributesOf(Type grainClass)
    {
        ImplicitStreamSubscriptionAttribute[] attributes = [.. grainClass.GetCustomAttributes<ImplicitStreamSubscriptionAttribute>()];
        return attributes.FirstOrDefault(a => !string.IsNullOrWhiteSpace(a.StreamIdMapper)) is { } special
            ? throw new NotSupportedException($"{grainClass} maps streams to keys by '{special.StreamIdMapper}'. The stand-in engine knows the default mapping only; use the real packages (build with OmlEngine=orleans).")
            : attributes;
    }
}

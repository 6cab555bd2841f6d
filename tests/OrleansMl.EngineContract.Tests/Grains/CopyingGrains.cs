using System.Collections.Immutable;
using Orleans.Concurrency;

namespace OrleansMl.EngineContract.Tests;

#pragma warning disable ORLEANS0004 // one member has no id, to show what becomes of it
[GenerateSerializer]
public sealed class MutableMessage
#pragma warning restore ORLEANS0004
{
    [Id(0)]
    public int Number { get; set; }

    [Id(1)]
    public List<string> Items { get; set; } = [];

    [Id(2)]
    public Dictionary<string, MutableMessage> Children { get; set; } = [];

    public string? LeftBehind { get; set; }
}

[GenerateSerializer]
public record BaseMessage([property: Id(0)] string Name);

[GenerateSerializer]
public sealed record DerivedMessage(string Name, [property: Id(0)] int[] Numbers) : BaseMessage(Name)
{
    [Id(1)]
    public DateTime? When { get; init; }
}

[GenerateSerializer, Immutable]
public sealed record ImmutableMessage([property: Id(0)] int[] Numbers);

[GenerateSerializer]
public readonly record struct PrivateValue<T>
{
    [Id(0)] private readonly T? _value;
    [Id(1)] private readonly string? _note;

    public PrivateValue(T? value, string? note)
    {
        _value = value;
        _note = note;
    }

    public T? Value => _value;

    public string? Note => _note;
}

[GenerateSerializer]
public sealed class Node
{
    [Id(0)]
    public Node? Next { get; set; }
}

[GenerateSerializer]
public sealed record Collections(
    [property: Id(0)] ImmutableArray<MutableMessage> Array,
    [property: Id(1)] ImmutableDictionary<string, int> Dictionary,
    [property: Id(2)] ImmutableSortedDictionary<string, int> Sorted,
    [property: Id(3)] (int, string) Tuple,
    [property: Id(4)] DayOfWeek Day,
    [property: Id(5)] TimeSpan? Span,
    [property: Id(6)] Guid Id,
    [property: Id(7)] ReadOnlyMemory<byte> Bytes,
    [property: Id(8)] HashSet<int> Set,
    [property: Id(9)] int[][] Jagged,
    [property: Id(10)] IReadOnlyList<string> Interface,
    [property: Id(11)] object Boxed,
    [property: Id(12)] DateTimeOffset Offset,
    [property: Id(13)] decimal Money,
    [property: Id(14)] PrivateValue<List<int>> Generic,
    [property: Id(15)] ImmutableArray<string> Default);

public sealed record Foreign(int X, string Y)
{
    public static Foreign Create(int x, string y) => new(x, y);
}

[GenerateSerializer]
public struct ForeignSurrogate
{
    [Id(0)]
    public int X;

    [Id(1)]
    public string Y;
}

[RegisterConverter]
public sealed class ForeignConverter : IConverter<Foreign, ForeignSurrogate>
{
    public Foreign ConvertFromSurrogate(in ForeignSurrogate surrogate) => new(surrogate.X, surrogate.Y);

    public ForeignSurrogate ConvertToSurrogate(in Foreign value) => new() { X = value.X, Y = value.Y };
}

public interface ICopyingGrain : IGrainWithStringKey
{
    Task<MutableMessage> Keep(MutableMessage message);

    Task<MutableMessage> Kept();

    Task<MutableMessage> Echo(MutableMessage message);

    Task<BaseMessage> EchoBase(BaseMessage message);

    Task<Collections> EchoCollections(Collections message);

    Task<Node> EchoNode(Node node);

    Task<bool> AreSame(MutableMessage one, MutableMessage two);

    Task<Foreign> EchoForeign(Foreign message);

    Task<Immutable<int[]>> EchoWrapped(Immutable<int[]> value);

    Task<PrivateValue<string>> EchoPrivate(PrivateValue<string> value);

    Task<bool> IsPassedAsItIs(ICopyingGrain other, ImmutableMessage message);

    Task<bool> IsTheOneHeld(ImmutableMessage message);
}

public sealed class CopyingGrain : Grain, ICopyingGrain
{
    private MutableMessage _kept = new();

    public Task<MutableMessage> Keep(MutableMessage message)
    {
        _kept = message;
        return Task.FromResult(_kept);
    }

    public Task<MutableMessage> Kept() => Task.FromResult(_kept);

    public Task<MutableMessage> Echo(MutableMessage message) => Task.FromResult(message);

    public Task<BaseMessage> EchoBase(BaseMessage message) => Task.FromResult(message);

    public Task<Collections> EchoCollections(Collections message) => Task.FromResult(message);

    public Task<Node> EchoNode(Node node) => Task.FromResult(node);

    public Task<bool> AreSame(MutableMessage one, MutableMessage two) => Task.FromResult(ReferenceEquals(one, two));

    public Task<Foreign> EchoForeign(Foreign message) => Task.FromResult(message);

    public Task<Immutable<int[]>> EchoWrapped(Immutable<int[]> value) => Task.FromResult(value);

    public Task<PrivateValue<string>> EchoPrivate(PrivateValue<string> value) => Task.FromResult(value);

    public Task<bool> IsPassedAsItIs(ICopyingGrain other, ImmutableMessage message)
    {
        Held.Message = message;
        return other.IsTheOneHeld(message);
    }

    public Task<bool> IsTheOneHeld(ImmutableMessage message) => Task.FromResult(ReferenceEquals(Held.Message, message));
}

internal static class Held
{
    public static ImmutableMessage? Message { get; set; }
}

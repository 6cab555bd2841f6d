using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace OrleansMl.Grains.Tests;

/// <summary>Every message survives the way to a grain and back, with nothing in it and with the edges of all ranges in it.</summary>
[Collection(LoopCollection.Name)]
public sealed class MessageSerializationTests(LoopFixture loop)
{
    public static TheoryData<string> MessageTypes()
    {
        var types = typeof(EntityId).Assembly.GetTypes().Where(t => t is { IsPublic: true, IsEnum: false, IsAbstract: false } && t.GetCustomAttribute<GenerateSerializerAttribute>() is not null);
        return [.. types.Select(t => t.Name).Order(StringComparer.Ordinal)];
    }

    [Theory]
    [MemberData(nameof(MessageTypes))]
    public async Task A_message_arrives_as_it_was_sent(string typeName)
    {
        foreach (var type in Closed(typeof(EntityId).Assembly.GetTypes().Single(t => t.IsPublic && t.Name == typeName)))
        {
            foreach (var message in new[] { RuntimeHelpers.GetUninitializedObject(type), Fill(type, 0) })
            {
                // Either silo may hold the grain: one of the calls leaves the process of the other.
                for (var key = 0; key < 4; key++)
                    Assert.Equal(Describe(message), Describe((await loop.Grains.GetGrain<IEchoGrain>($"{typeName}-{key}").EchoAsync(message))!));
            }
        }
    }

    [Fact]
    public void There_are_messages_to_test() => Assert.True(MessageTypes().Count > 30);

    private static IEnumerable<Type> Closed(Type type) => type.IsGenericTypeDefinition
        ? new[] { typeof(ImmutableArray<OutcomeResult>), typeof(AppendResult), typeof(ServingPlan) }.Select(t => type.MakeGenericType(t))
        : [type];

    /// <summary>A value with every field set to something at the edge of its range.</summary>
    private static object Fill(Type type, int depth)
    {
        if (Nullable.GetUnderlyingType(type) is { } underlying)
            return Fill(underlying, depth);
        if (type == typeof(string))
            return "ä\u0001\U0001F600 \" \\ ";
        if (type == typeof(ReadOnlyMemory<byte>))
            return new ReadOnlyMemory<byte>([0, 127, 255]);
        if (type == typeof(DateTime))
            return DateTime.SpecifyKind(DateTime.MaxValue, DateTimeKind.Utc);
        if (type.IsEnum)
            return Enum.GetValues(type).Cast<object>().Last();
        if (type == typeof(double))
            return (depth % 4) switch { 0 => double.MaxValue, 1 => double.NaN, 2 => double.NegativeInfinity, _ => -double.Epsilon };
        if (type.IsPrimitive)
            return type == typeof(bool) ? true : type.GetField("MinValue")!.GetValue(null)!;
        if (type.IsGenericType && type.GetGenericTypeDefinition() is var generic)
        {
            var arguments = type.GetGenericArguments();
            if (generic == typeof(ImmutableArray<>))
            {
                var array = Array.CreateInstance(arguments[0], 2);
                array.SetValue(Fill(arguments[0], depth + 1), 0);
                return typeof(ImmutableArray).GetMethods().Single(m => m.Name == "CreateRange" && m.GetParameters().Length == 1).MakeGenericMethod(arguments[0]).Invoke(null, [array])!;
            }

            if (generic == typeof(ImmutableDictionary<,>) || generic == typeof(ImmutableSortedDictionary<,>))
            {
                var empty = type.GetField("Empty")!.GetValue(null)!;
                return type.GetMethod("Add")!.Invoke(empty, [Fill(arguments[0], depth + 1), Fill(arguments[1], depth + 1)])!;
            }
        }

        var value = RuntimeHelpers.GetUninitializedObject(type);
        foreach (var field in Fields(type))
            field.SetValue(value, Fill(field.FieldType, depth + 1));
        return value;
    }

    private static string Describe(object? value)
    {
        var text = new StringBuilder();
        Describe(text, value);
        return text.ToString();
    }

    private static void Describe(StringBuilder text, object? value)
    {
        switch (value)
        {
            case null:
                text.Append("null");
                break;
            case string or Enum:
                text.Append('\'').Append(value).Append('\'');
                break;
            case ReadOnlyMemory<byte> bytes:
                text.Append(Convert.ToHexString(bytes.Span));
                break;
            case double number:
                text.Append(BitConverter.DoubleToInt64Bits(number));
                break;
            case DateTime time:
                text.Append(time.Ticks).Append(time.Kind);
                break;
            case { } when value.GetType().IsPrimitive:
                text.Append(value);
                break;
            case { } when value.GetType() is { IsGenericType: true } type && type.GetGenericTypeDefinition() == typeof(ImmutableArray<>) && (bool)type.GetProperty("IsDefault")!.GetValue(value)!:
                text.Append("default");
                break;
            case System.Collections.IEnumerable items:
                text.Append('[');
                foreach (var item in items)
                {
                    Describe(text, item);
                    text.Append(',');
                }

                text.Append(']');
                break;
            default:
                text.Append(value.GetType().Name).Append('{');
                foreach (var field in Fields(value.GetType()))
                {
                    text.Append(field.Name).Append('=');
                    Describe(text, field.GetValue(value));
                    text.Append(';');
                }

                text.Append('}');
                break;
        }
    }

    private static FieldInfo[] Fields(Type type) => type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic);
}

/// <summary>Gives back what it gets.</summary>
[Alias("oml.tests.IEchoGrain")]
public interface IEchoGrain : IGrainWithStringKey
{
    [Alias("Echo")]
    Task<object?> EchoAsync(object? value);
}

internal sealed class EchoGrain : Grain, IEchoGrain
{
    public Task<object?> EchoAsync(object? value) => Task.FromResult(value);
}

using System.Reflection;
using System.Runtime.CompilerServices;

namespace Orleans.Serialization;

/// <summary>
/// The members of a <c>[GenerateSerializer]</c> type that travel: those with <c>[Id]</c>, and the parameters of a record's
/// primary constructor. What has no id is left behind, as it would be on the wire.
/// </summary>
internal static class TravellingMembers
{
    private const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    public static List<MemberInfo> Of(Type type)
    {
        var members = new List<MemberInfo>();
        for (var level = type; level is not null && level != typeof(object) && level != typeof(ValueType); level = level.BaseType)
        {
            if (level.GetCustomAttribute<GenerateSerializerAttribute>(inherit: false) is { } attribute)
                AddLevel(level, attribute, members);
        }

        return members;
    }

    private static void AddLevel(Type level, GenerateSerializerAttribute attribute, List<MemberInfo> members)
    {
        var primary = IsRecord(level) ? PrimaryParameters(level) : [];
        foreach (var field in level.GetFields(Declared))
        {
            var captured = attribute.IncludePrimaryConstructorParameters && field.Name.StartsWith('<') && field.Name.EndsWith(">P", StringComparison.Ordinal);
            if (captured || field.IsDefined(typeof(IdAttribute)))
                members.Add(field);
        }

        foreach (var property in level.GetProperties(Declared))
        {
            var implicitId = primary.Contains(property.Name)
                || (attribute.GenerateFieldIds == GenerateFieldIds.PublicProperties && property.GetMethod is { IsPublic: true });
            if (!implicitId && !property.IsDefined(typeof(IdAttribute)))
                continue;
            MemberInfo? member = level.GetField($"<{property.Name}>k__BackingField", Declared);
            if (member is null && property is { CanRead: true, CanWrite: true })
                member = property;
            if (member is null && !implicitId)
                throw new SerializerException($"{level}.{property.Name} has [Id] but can be set by nobody. Give it a setter, or put [Id] on its field.");
            if (member is not null)
                members.Add(member);
        }
    }

    private static bool IsRecord(Type type) =>
        type.GetMethod("<Clone>$", Declared) is not null
        || (type.IsValueType && type.GetMethod("PrintMembers", Declared) is { } print && print.IsDefined(typeof(CompilerGeneratedAttribute)));

    private static HashSet<string> PrimaryParameters(Type record)
    {
        var properties = record.GetProperties(Declared).ToDictionary(p => p.Name, p => p.PropertyType);
        var primary = record.GetConstructors(Declared)
            .Where(c => c.GetParameters() is { Length: > 0 } parameters
                && parameters.All(p => p.Name is { } name && properties.TryGetValue(name, out var type) && type == p.ParameterType))
            .MaxBy(c => c.GetParameters().Length);
        return primary is null ? [] : [.. primary.GetParameters().Select(p => p.Name!)];
    }
}

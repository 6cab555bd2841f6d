using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;

namespace OrleansMl.Wire;

/// <summary>The values that several bodies share: ids, entities, versions, times, maps of scalars.</summary>
public static class BodyValues
{
    private static readonly MemberTable EntityMembers = new("type", "id");

    /// <summary>1–256 bytes of UTF-8 without control characters.</summary>
    public static string ReadId(ref StrictReader reader, string thing)
    {
        var id = reader.ReadString(thing);
        if (OrleansMl.Names.WhyNotId(id) is { } why)
            throw reader.Fault("invalid_id", $"{thing} {why}.");
        return id;
    }

    /// <summary>A name: letters, digits, and what else <see cref="OrleansMl.Names.Pattern"/> allows.</summary>
    public static string ReadName(ref StrictReader reader, string thing)
    {
        var name = reader.ReadName(thing);
        if (!OrleansMl.Names.IsName(name))
            throw reader.Fault("invalid_name", $"{thing} is {reader.Excerpt()}; a name matches {OrleansMl.Names.Pattern}.");
        return name;
    }

    /// <summary>An entity: {type, id}, both needed.</summary>
    public static EntityId ReadEntity(ref StrictReader reader, string thing)
    {
        reader.ExpectObject(thing);
        ulong seen = 0;
        string? type = null, id = null;
        for (int member; (member = reader.NextMember(EntityMembers, ref seen)) >= 0;)
        {
            if (member == 0)
                type = ReadName(ref reader, "The entity's type");
            else
                id = ReadId(ref reader, "The entity's id");
        }

        if (type is null)
            throw reader.Missing("type", "the entity's type");
        if (id is null)
            throw reader.Missing("id", "the entity's id");
        return new EntityId(type, id);
    }

    /// <summary>An RFC 3339 time, as UTC.</summary>
    public static DateTime ReadTime(ref StrictReader reader, string thing)
    {
        Span<char> text = stackalloc char[64];
        if (!Rfc3339.TryParse(reader.TryCopyString(thing, text, out var length) ? text[..length] : reader.ReadString(thing), out var time))
            throw reader.Fault("invalid_time", $"{thing} is {reader.Excerpt()}; give {Rfc3339.Form}.");
        return time;
    }

    /// <inheritdoc cref="ReadTime"/>
    public static DateTime? ReadTimeOrNull(ref StrictReader reader, string thing) => reader.IsNull ? null : ReadTime(ref reader, thing);

    /// <summary>A version: a string of digits, from 1.</summary>
    public static int ReadVersion(ref StrictReader reader, string thing)
    {
        var text = reader.ReadString(thing);
        if (!TryVersion(text, out var version))
            throw reader.Fault("invalid_version", $"{thing} is {reader.Excerpt()}; a version is a string of digits such as \"2\".");
        return version;
    }

    /// <summary>Reads a version as it stands in a path or a query; false: it is none.</summary>
    public static bool TryVersion(string? text, out int version)
        => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out version) && version > 0;

    /// <summary>An object of scalars. Null reads as a missing value.</summary>
    public static ImmutableArray<NamedValue> ReadValues(ref StrictReader reader, string thing)
    {
        reader.ExpectObject(thing);
        var values = ArrayPool<NamedValue>.Shared.Rent(16);
        var count = 0;
        HashSet<string>? names = null;
        try
        {
            while (reader.NextName() is { } name)
            {
                if (IsRepeated(values.AsSpan(0, count), ref names, name))
                    throw reader.Fault("repeated_member", "A member is given twice; give it once.");
                if (name.Length == 0)
                    throw reader.Fault("invalid_name", $"{thing} has a member without a name; name it.");
                if (count == values.Length)
                    values = Grow(values);
                values[count++] = new NamedValue(name, reader.ReadScalar("The value"));
            }

            return [.. values.AsSpan(0, count)];
        }
        finally
        {
            values.AsSpan(0, count).Clear();
            ArrayPool<NamedValue>.Shared.Return(values);
        }
    }

    /// <summary>An array of strings, none of them empty.</summary>
    public static ImmutableArray<string> ReadStrings(ref StrictReader reader, string thing)
    {
        reader.ExpectArray(thing);
        var strings = ImmutableArray.CreateBuilder<string>();
        while (reader.NextElement())
        {
            var text = reader.ReadString("An entry");
            if (text.Length == 0)
                throw reader.Fault("invalid_name", $"{thing} has an empty entry; remove it.");
            strings.Add(text);
        }

        return strings.DrainToImmutable();
    }

    private static NamedValue[] Grow(NamedValue[] values)
    {
        var larger = ArrayPool<NamedValue>.Shared.Rent(2 * values.Length);
        values.CopyTo(larger, 0);
        ArrayPool<NamedValue>.Shared.Return(values, clearArray: true);
        return larger;
    }

    private static bool IsRepeated(ReadOnlySpan<NamedValue> values, ref HashSet<string>? names, string name)
    {
        const int Few = 16;
        if (values.Length < Few)
        {
            for (var i = 0; i < values.Length; i++)
            {
                if (values[i].Name == name)
                    return true;
            }

            return false;
        }

        if (names is null)
        {
            names = new HashSet<string>(StringComparer.Ordinal);
            foreach (var value in values)
                names.Add(value.Name);
        }

        return !names.Add(name);
    }
}

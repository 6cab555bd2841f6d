using System.Collections.Immutable;
using System.Globalization;

namespace OrleansMl.Learning;

/// <summary>Every parameter of a learner with its value: given, or by default.</summary>
internal sealed class ParameterSet
{
    private readonly ImmutableSortedDictionary<string, object> _values;

    private ParameterSet(ImmutableSortedDictionary<string, object> values) => _values = values;

    /// <summary>Checks what was given and fills in the rest.</summary>
    /// <exception cref="LearnerException">An unknown parameter, or a value that is not admitted.</exception>
    public static ParameterSet Read(string type, ImmutableArray<LearnerParameter> known, IReadOnlyDictionary<string, object>? given)
    {
        if (given?.Keys.FirstOrDefault(name => known.All(parameter => parameter.Name != name)) is { } unknown)
        {
            throw new LearnerException(known.IsEmpty
                ? $"{type} has no parameters, and so no '{unknown}'."
                : $"{type} has no parameter '{unknown}' (available: {string.Join(", ", known.Select(parameter => parameter.Name))}).");
        }

        var values = ImmutableSortedDictionary.CreateBuilder<string, object>(StringComparer.Ordinal);
        foreach (var parameter in known)
        {
            if (given is null || !given.TryGetValue(parameter.Name, out var value))
            {
                if (parameter.Default is { } fallback)
                    values[parameter.Name] = fallback;
                continue;
            }

            values[parameter.Name] = parameter.Read(value)
                ?? throw new LearnerException($"Parameter '{parameter.Name}' of {type} is {Convert.ToString(value, CultureInfo.InvariantCulture) ?? "null"}; it must be {parameter.Admitted}.");
        }

        return new ParameterSet(values.ToImmutable());
    }

    /// <summary>Those given that are not among some.</summary>
    public IReadOnlyDictionary<string, object> Except(ImmutableArray<LearnerParameter> some)
        => _values.RemoveRange(some.Select(parameter => parameter.Name));

    public double Number(string name) => (double)_values[name];

    /// <summary>Null when the parameter was not given and has no default.</summary>
    public double? OptionalNumber(string name) => _values.TryGetValue(name, out var value) ? (double)value : null;

    public int Integer(string name) => (int)(double)_values[name];

    public bool Flag(string name) => (bool)_values[name];

    public string Word(string name) => (string)_values[name];

    public void Write(BinaryWriter writer)
    {
        writer.Write(_values.Count);
        foreach (var (name, value) in _values)
        {
            writer.Write(name);
            switch (value)
            {
                case double number:
                    writer.Write((byte)0);
                    writer.Write(number);
                    break;
                case bool flag:
                    writer.Write((byte)1);
                    writer.Write(flag);
                    break;
                default:
                    writer.Write((byte)2);
                    writer.Write((string)value);
                    break;
            }
        }
    }

    /// <summary>Reads what <see cref="Write"/> wrote, to be checked by <see cref="Read(string, ImmutableArray{LearnerParameter}, IReadOnlyDictionary{string, object})"/> again.</summary>
    public static Dictionary<string, object> ReadGiven(BinaryReader reader)
    {
        var given = new Dictionary<string, object>(StringComparer.Ordinal);
        for (var count = reader.ReadInt32(); count > 0; count--)
        {
            var name = reader.ReadString();
            given[name] = reader.ReadByte() switch
            {
                0 => reader.ReadDouble(),
                1 => reader.ReadBoolean(),
                2 => reader.ReadString(),
                var kind => throw new LearnerException($"The saved parameter '{name}' is of the unknown kind {kind}."),
            };
        }

        return given;
    }
}

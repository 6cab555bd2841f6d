using System.Collections.Immutable;

namespace OrleansMl.Features;

/// <summary>Between the values of messages and those of the fold.</summary>
internal static class FieldMapping
{
    public static FieldValue ToField(this Scalar value) => value.Kind switch
    {
        ScalarKind.Number => FieldValue.Of(value.AsNumber()),
        ScalarKind.Text => FieldValue.Of(value.AsText()!),
        ScalarKind.Bool => FieldValue.Of(value.AsNumber() != 0),
        _ => FieldValue.Missing,
    };

    public static Scalar ToScalar(this FieldValue value) => value.Kind switch
    {
        FieldValueKind.Number => Scalar.Of(value.AsNumber()),
        FieldValueKind.Text => Scalar.Of(value.AsText()!),
        FieldValueKind.Bool => Scalar.Of(value.AsBool()!.Value),
        _ => Scalar.Missing,
    };

    public static FoldField[] ToFields(this ImmutableArray<NamedValue> values)
    {
        var fields = new FoldField[values.Length];
        for (var i = 0; i < values.Length; i++)
            fields[i] = new FoldField(values[i].Name, values[i].Value.ToField());
        return fields;
    }
}

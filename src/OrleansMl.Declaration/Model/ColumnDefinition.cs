namespace OrleansMl.Declaration;

/// <summary>One column of a model's vector.</summary>
/// <param name="Name">Input name, <c>view:feature</c>, <c>type.attribute</c> or <c>type.id</c>.</param>
/// <param name="Type">Its type: numeric unless string or ref. Bool counts as numeric 0/1.</param>
/// <param name="IsInput">It comes with the request.</param>
public sealed record ColumnDefinition(string Name, FieldType Type, bool IsInput)
{
    public bool IsCategorical => Type is FieldType.String or FieldType.Ref;
}

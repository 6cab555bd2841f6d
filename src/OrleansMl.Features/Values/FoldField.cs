namespace OrleansMl.Features;

/// <summary>A named value of a record.</summary>
/// <param name="Name">Name of the field or attribute.</param>
/// <param name="Value">Its value; missing removes an attribute and counts as absent in an event.</param>
public readonly record struct FoldField(string Name, FieldValue Value);

namespace OrleansMl.Features;

/// <summary>One feature as read.</summary>
/// <param name="Value">The value; the default in place of a missing or expired one; else missing.</param>
/// <param name="Status">Present, missing or expired.</param>
/// <param name="EventTime">
/// Event time (UTC) of the newest record behind the value, for an expired one of the newest that contributed; null when
/// none, and for ids.
/// </param>
/// <param name="UsedDefault">The value is the declared default.</param>
public readonly record struct FeatureRead(FieldValue Value, FeatureReadStatus Status, DateTime? EventTime, bool UsedDefault);

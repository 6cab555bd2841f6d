namespace OrleansMl.Declaration;

/// <summary>One feature of a view.</summary>
public sealed record FeatureDefinition
{
    public required string Name { get; init; }

    public required Aggregation Aggregation { get; init; }

    /// <summary>Field of the event, or <c>value</c> of an outcome; null only for count.</summary>
    public string? Field { get; init; }

    /// <summary>For <see cref="Aggregation.Last"/>: how many records back, 0 the newest by event time.</summary>
    public int Offset { get; init; }

    /// <summary>Length of the window; null: all records.</summary>
    public TimeSpan? Window { get; init; }

    /// <summary>
    /// False: sliding, (t − window, t]. True: tumbling, the current window, aligned to the Unix epoch:
    /// [⌊t/window⌋·window, t].
    /// </summary>
    public bool Tumbling { get; init; }

    /// <summary>Stands in for a missing or expired value; null: none. Boxed: double, string or bool.</summary>
    public object? Default { get; init; }
}

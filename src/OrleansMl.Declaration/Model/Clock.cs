namespace OrleansMl.Declaration;

/// <summary>Which clock an application lives by.</summary>
public enum Clock
{
    /// <summary>The wall clock.</summary>
    Wall,

    /// <summary>The highest event time seen by the entity.</summary>
    Event,
}

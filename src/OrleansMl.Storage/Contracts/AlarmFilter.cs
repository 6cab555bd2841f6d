namespace OrleansMl.Storage;

/// <summary>Filter of a listing; every member narrows it.</summary>
public sealed record AlarmFilter
{
    public required string Model { get; init; }

    public string? Monitor { get; init; }

    /// <summary>Raised at or after.</summary>
    public DateTime? From { get; init; }

    /// <summary>Raised before.</summary>
    public DateTime? To { get; init; }

    /// <summary>True: ended ones; false: those that stand.</summary>
    public bool? IsEnded { get; init; }

    /// <summary>Those raised before this sequence, exclusive; null: from the newest.</summary>
    public long? Before { get; init; }
}

namespace OrleansMl.Storage;

/// <summary>Which data sets to list; null: any.</summary>
public sealed record DatasetFilter
{
    /// <summary>Kind of the job that made it, or <see cref="DatasetRecord.SentKind"/>.</summary>
    public string? Kind { get; init; }

    /// <summary>Model of the job that made it.</summary>
    public string? Model { get; init; }

    /// <summary>What the attempts of this job wrote: their ids begin with its own.</summary>
    public string? WrittenBy { get; init; }

    /// <summary>Data sets with sequences before this one, exclusive; null: from the newest.</summary>
    public long? Before { get; init; }
}

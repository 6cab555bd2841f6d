namespace OrleansMl.Services;

/// <summary>What a request says beside its tensors, in the protocol's terms.</summary>
public sealed record InferParameters
{
    public static InferParameters None { get; } = new();

    /// <summary>The sequence that the request belongs to; null: none.</summary>
    public SequenceId? Sequence { get; init; }

    /// <summary>First of its sequence.</summary>
    public bool SequenceStart { get; init; }

    /// <summary>Last of its sequence.</summary>
    public bool SequenceEnd { get; init; }

    /// <summary>1 is the highest; 0: the model's default.</summary>
    public ulong Priority { get; init; }

    /// <summary>How long it may wait in a queue; null: as the model's configuration says.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Every parameter that the protocol does not name: bool, long, ulong, double or string.</summary>
    public IReadOnlyDictionary<string, object> Custom { get; init; } = System.Collections.Immutable.ImmutableDictionary<string, object>.Empty;
}

/// <summary>Names a sequence: a number above 0, or a text that is not empty.</summary>
/// <param name="Number">Where it is a number; else 0.</param>
/// <param name="Text">Where it is a text; else null.</param>
public readonly record struct SequenceId(ulong Number, string? Text)
{
    public override string ToString() => Text is null ? Number.ToString(System.Globalization.CultureInfo.InvariantCulture) : $"'{Text}'";
}

namespace OrleansMl.Jobs.Uploads;

/// <summary>What became of a row.</summary>
/// <param name="Status">accepted | duplicate | rejected | unchanged, and of outcomes their own.</param>
/// <param name="Fault">Why it is rejected; its pointer names the column.</param>
internal readonly record struct RowFate(string Status, OmlFault? Fault)
{
    public const string Accepted = "accepted";
    public const string Duplicate = "duplicate";
    public const string Rejected = "rejected";
    public const string Unchanged = "unchanged";

    /// <summary>The column at fault; empty: the row as a whole.</summary>
    public string Column => Fault?.Pointer is { Length: > 1 } pointer ? pointer[(pointer.LastIndexOf('/') + 1)..] : "";

    public static RowFate Of(OmlFault fault) => new(Rejected, fault);
}

namespace OrleansMl.Features.Tests;

/// <summary>Builds records of a log; times are minutes after an origin that is no multiple of any window.</summary>
internal sealed class Log
{
    public static readonly DateTime Origin = new(2026, 3, 1, 7, 0, 0, DateTimeKind.Utc);

    public List<FoldRecord> Records { get; } = [];

    public static DateTime At(double minutes) => Origin.AddMinutes(minutes);

    public FoldRecord Event(string type, double minutes, params (string Name, FieldValue Value)[] fields) =>
        Add(FoldRecordKind.Event, type, minutes, $"e{Records.Count}", 0, fields);

    public FoldRecord Outcome(string target, double minutes, string id, int revision, FieldValue value) =>
        Add(FoldRecordKind.Outcome, target, minutes, id, revision, [("value", value)]);

    public FoldRecord Attributes(double minutes, params (string Name, FieldValue Value)[] fields) =>
        Add(FoldRecordKind.Attributes, "", minutes, $"a{Records.Count}", 0, fields);

    public EntityFold Fold(FoldPlan plan, FoldRetention retention = FoldRetention.Windows) => Fold(plan, Records, retention);

    public static EntityFold Fold(FoldPlan plan, IEnumerable<FoldRecord> records, FoldRetention retention = FoldRetention.Windows)
    {
        var fold = new EntityFold(plan, "42", retention);
        foreach (var record in records)
        {
            Assert.True(fold.Apply(record));
        }

        return fold;
    }

    private FoldRecord Add(FoldRecordKind kind, string type, double minutes, string id, int revision, (string Name, FieldValue Value)[] fields)
    {
        var record = new FoldRecord(
            Records.Count + 1, kind, type, At(minutes), At(minutes), id, fields.Select(f => new FoldField(f.Name, f.Value)).ToArray())
        {
            Revision = revision,
        };
        Records.Add(record);
        return record;
    }
}

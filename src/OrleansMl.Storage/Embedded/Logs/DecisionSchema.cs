namespace OrleansMl.Storage.Embedded.Logs;

/// <summary>
/// What explored answers were drawn from. It came beside what was there, so it is made where it is absent, in a store of any
/// schema: an earlier program passes over it, and predictions of before have none.
/// </summary>
internal static class DecisionSchema
{
    public const string Tables = "CREATE TABLE IF NOT EXISTS prediction_decisions (pk INTEGER PRIMARY KEY, decision BLOB NOT NULL);";
}

using System.Text;

namespace OrleansMl.Storage.Tests.Support;

/// <summary>Values for tests.</summary>
public static class Some
{
    public static readonly DateTime Noon = new(2026, 3, 1, 12, 0, 0, DateTimeKind.Utc);

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public static LogAppend Record(string id, string payload = "x", int revision = 0, byte kind = 1, string type = "click", int second = 0)
        => new(kind, id, type, Noon.AddSeconds(second), revision, Bytes(payload));

    public static PredictionRecord Prediction(string id, string entity = "client:1", string target = "churn", string model = "fraud", int minute = 0, string subject = "") => new()
    {
        PredictionId = id,
        Model = model,
        Version = 3,
        EntityKey = entity,
        Target = target,
        Subject = subject,
        Time = Noon.AddMinutes(minute),
        Created = Noon.AddMinutes(minute),
        WindowEnd = Noon.AddMinutes(minute + 60),
        Score = 0.25,
        Vector = Bytes("vector " + id),
        Response = Bytes("response " + id),
    };

    public static OutcomeEntry Outcome(string id, string entity = "client:1", int revision = 0, string content = "c", DateTime? pendingUntil = null, int minute = 0) => new()
    {
        EntityKey = entity,
        OutcomeId = id,
        Revision = revision,
        Target = "churn",
        Time = Noon.AddMinutes(minute),
        Value = 1,
        Source = "crm",
        Created = Noon,
        PendingUntil = pendingUntil,
        ContentHash = Bytes(content),
    };

    public static OutcomeChange Label(string prediction, double label = 1, PredictionState expected = PredictionState.Predicted, int expectedRevision = 0, PredictionState state = PredictionState.Labelled, int revision = 0, string? learner = null) => new()
    {
        PredictionId = prediction,
        ExpectedState = expected,
        ExpectedRevision = expectedRevision,
        State = state,
        Label = label,
        OutcomeId = "o",
        Source = "crm",
        Revision = revision,
        OutcomeTime = Noon,
        LabelledAt = Noon.AddHours(1),
        Example = learner is null ? null : new StreamAppend("examples", learner, Bytes(prediction)),
    };
}

using System.Globalization;
using System.Text;
using Orleans;
using Orleans.Runtime;

namespace OrleansMl.Storage.KillTarget;

/// <summary>
/// The writes that the killed process and its inspector agree on. Everything about them follows from their number, so
/// that the inspector can tell what must be there and can send again what was not acknowledged.
/// </summary>
public static class Workload
{
    public const int Entities = 4;
    public const int Joiners = 3;
    public const int Counters = 2;
    public const int Streams = 3;
    public const int Queues = 4;

    /// <summary>Records of one append: a log may only ever end at a multiple.</summary>
    public const int RecordsPerAppend = 3;

    private static readonly DateTime s_start = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    public static string EntityKey(int entity) => $"client:{entity}";

    public static string RoundKey(int round, int joiner) => $"round:{round}.{joiner}";

    public static string PredictionId(int round, int joiner, int number) => string.Create(CultureInfo.InvariantCulture, $"r{round:D4}j{joiner}n{number:D8}");

    public const string Namespace = "examples";

    public static string Learner(int joiner) => $"trainer-{joiner}";

    /// <summary>Namespace of the streams that are consumed by their queues alone.</summary>
    public const string Flow = "flow";

    public static string StreamKey(int stream) => $"stream-{stream}";

    public static GrainId CounterGrain(int counter) => GrainId.Create("counter", counter.ToString(CultureInfo.InvariantCulture));

    public static byte[] Payload(int entity, long sequence) => Encoding.UTF8.GetBytes(new string((char)('a' + (sequence % 26)), 20 + (int)(sequence % 180)) + entity);

    /// <summary>The append whose first record gets this sequence.</summary>
    public static LogAppend[] Records(int entity, long sequence)
        => [.. Enumerable.Range(0, RecordsPerAppend).Select(i => new LogAppend(1, $"e{sequence + i}", "click", s_start.AddSeconds(sequence + i), 0, Payload(entity, sequence + i)))];

    public static PredictionRecord Prediction(int round, int joiner, int number) => new()
    {
        PredictionId = PredictionId(round, joiner, number),
        Model = "fraud",
        EntityKey = RoundKey(round, joiner),
        Target = "churn",
        Time = s_start.AddSeconds(number),
        Created = s_start.AddSeconds(number),
        WindowEnd = s_start.AddSeconds(number + 60),
        RequestId = PredictionId(round, joiner, number),
        Score = 0.5,
        Vector = new byte[300],
        Response = new byte[200],
    };

    public static OutcomeEntry Outcome(PredictionRecord prediction) => new()
    {
        EntityKey = prediction.EntityKey,
        OutcomeId = "o-" + prediction.PredictionId,
        Revision = 0,
        Target = prediction.Target,
        Time = prediction.Time,
        Value = 1,
        Source = "test",
        Created = prediction.Created,
        ContentHash = new byte[] { 1 },
    };

    public static OutcomeChange Label(PredictionRecord prediction, int joiner) => new()
    {
        PredictionId = prediction.PredictionId,
        ExpectedState = PredictionState.Predicted,
        ExpectedRevision = 0,
        State = PredictionState.Labelled,
        Label = 1,
        OutcomeId = "o-" + prediction.PredictionId,
        LabelledAt = prediction.Created,
        Example = new StreamAppend(Namespace, Learner(joiner), Encoding.UTF8.GetBytes(prediction.PredictionId)),
    };

    public sealed class CounterState
    {
        public int Count { get; set; }
    }
}

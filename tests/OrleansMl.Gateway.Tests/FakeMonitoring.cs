using System.Collections.Immutable;
using OrleansMl.Monitoring;
using OrleansMl.Storage;

namespace OrleansMl.Gateway.Tests;

/// <summary>Monitors and alarms of one model, in memory.</summary>
internal sealed class FakeMonitoring : IMonitoringService
{
    public const string Model = "watched";

    public AlarmFilter? LastFilter { get; private set; }

    public Dictionary<string, Alarm> Alarms { get; } = new(StringComparer.Ordinal) { ["m.1"] = Sample("m.1"), ["m.2"] = Sample("m.2") with { Ended = Samples.Time } };

    public static DriftEvidence Evidence { get; } = new()
    {
        Series = "age",
        Statistic = 0.5,
        PValue = 0.001,
        CorrectedPValue = 0.004,
        IsPast = true,
        Reference = new SampleSummary { Count = 3, Mean = 1, StandardDeviation = 0.5, Min = 0, Max = 2, Bins = [new SummaryBin(null, 1, null, 2), new SummaryBin(1, null, null, 1), new SummaryBin(null, null, "(unknown)", 0)] },
        Current = new SampleSummary(),
    };

    public Task<OmlResult<ImmutableArray<MonitorStatus>>> GetMonitorsAsync(string model, CancellationToken cancellationToken) =>
        Task.FromResult<OmlResult<ImmutableArray<MonitorStatus>>>(model != Model
            ? OmlError.NotFound("unknown_model", $"There is no model '{model}'.")
            : ImmutableArray.Create(
                new MonitorStatus { Name = "inputs", On = "features", Detector = "psi", State = "raised", Rows = 7, Series = 4, Worst = Evidence, AsOf = Samples.Time, Alarm = "m.1", Alarms = 2 },
                new MonitorStatus { Name = "errors", On = "error", Detector = "adwin", State = "collecting" }));

    public Task<OmlResult<(ImmutableArray<Alarm> Items, long? Next)>> ListAlarmsAsync(AlarmFilter filter, int limit, CancellationToken cancellationToken)
    {
        LastFilter = filter;
        var after = Alarms.Values.Reverse().Skip((int)(filter.Before ?? 0)).ToList();
        return Task.FromResult<OmlResult<(ImmutableArray<Alarm> Items, long? Next)>>(filter.Model != Model
            ? OmlError.NotFound("unknown_model", $"There is no model '{filter.Model}'.")
            : (after.Take(limit).ToImmutableArray(), after.Count > limit ? limit + (filter.Before ?? 0) : null));
    }

    public Task<OmlResult<Alarm>> AcknowledgeAsync(string model, string id, string by, string? note, CancellationToken cancellationToken) =>
        Task.FromResult<OmlResult<Alarm>>(Alarms.TryGetValue(id, out var alarm)
            ? Alarms[id] = alarm with { Acknowledged = Samples.Time, AcknowledgedBy = by, Note = note }
            : OmlError.NotFound("unknown_alarm", $"There is no alarm '{id}'."));

    private static Alarm Sample(string id) => new()
    {
        Id = id,
        Model = Model,
        Monitor = "m",
        On = "features",
        Detector = "chi_square",
        Raised = Samples.Time,
        Correction = "holm",
        Alpha = 0.01,
        Evidence = [Evidence],
        PastCount = 1,
        JudgedCount = 4,
        FirstRow = 1,
        LastRow = 50,
        From = Samples.Time,
        To = Samples.Time,
        Versions = [0, 2],
        PredictionIds = ["p1"],
    };
}

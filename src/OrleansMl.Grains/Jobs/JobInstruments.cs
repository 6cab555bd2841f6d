using System.Diagnostics.Metrics;

namespace OrleansMl.Jobs;

/// <summary>Jobs by kind.</summary>
public sealed class JobInstruments
{
    private readonly Counter<long> _created;
    private readonly Counter<long> _attempts;
    private readonly Counter<long> _ended;
    private readonly Histogram<double> _duration;
    private readonly UpDownCounter<long> _running;
    private readonly Counter<long> _removed;
    private readonly Counter<long> _rows;
    private readonly Counter<long> _uploaded;

    public JobInstruments(IMeterFactory meters)
    {
        var meter = meters.Create("OrleansMl.Jobs");
        _created = meter.CreateCounter<long>("oml-jobs-created", description: "Jobs made, by kind.");
        _attempts = meter.CreateCounter<long>("oml-job-attempts", description: "Attempts begun, by kind; a second one of a job is a resume.");
        _ended = meter.CreateCounter<long>("oml-jobs-ended", description: "Jobs that ended, by kind and state.");
        _duration = meter.CreateHistogram<double>("oml-job-duration", "s", "From the first attempt to the end, interruptions included.");
        _running = meter.CreateUpDownCounter<long>("oml-jobs-running", description: "Jobs that run in this silo, by kind.");
        _removed = meter.CreateCounter<long>("oml-jobs-removed", description: "Ended jobs that were removed, by kind and why: asked, retention.");
        _rows = meter.CreateCounter<long>("oml-job-rows", description: "Rows scored by jobs, by model and result: scored, failed.");
        _uploaded = meter.CreateCounter<long>("oml-upload-rows", description: "Rows of uploads, by kind and what became of them.");
    }

    internal void Created(string kind) => _created.Add(1, Kind(kind));

    internal void Started(string kind, int attempt) => _attempts.Add(1, Kind(kind), new KeyValuePair<string, object?>("result", attempt == 1 ? "first" : "resumed"));

    internal void Ended(string kind, string state, TimeSpan duration)
    {
        _ended.Add(1, Kind(kind), new KeyValuePair<string, object?>("state", state));
        _duration.Record(Math.Max(0, duration.TotalSeconds), Kind(kind));
    }

    internal void Running(string kind, int by) => _running.Add(by, Kind(kind));

    internal void Removed(string kind, string why) => _removed.Add(1, Kind(kind), new KeyValuePair<string, object?>("why", why));

    internal void Rows(string model, long scored, long failed)
    {
        var tag = new KeyValuePair<string, object?>("model", model);
        if (scored > 0)
            _rows.Add(scored, tag, new KeyValuePair<string, object?>("result", "scored"));
        if (failed > 0)
            _rows.Add(failed, tag, new KeyValuePair<string, object?>("result", "failed"));
    }

    internal void Uploaded(string kind, string status, long rows) => _uploaded.Add(rows, Kind(kind), new KeyValuePair<string, object?>("status", status));

    private static KeyValuePair<string, object?> Kind(string kind) => new("kind", kind);
}

using System.Diagnostics;

namespace OrleansMl.Jobs;

/// <summary>
/// Spans of one attempt for whoever listens to the source <c>OrleansMl.Jobs</c> (OpenTelemetry's <c>AddSource</c>): <c>oml.job.attempt</c>,
/// and in it <c>oml.job.step</c>, <c>oml.job.checkpoint</c> and <c>oml.job.finish</c>, with the tags <c>oml.job.id</c>, <c>.kind</c>,
/// <c>.attempt</c>, and <c>.step</c> or <c>.state</c>. Costs nothing while nobody listens.
/// </summary>
internal sealed class JobTrace : IDisposable
{
    private static readonly ActivitySource s_source = new("OrleansMl.Jobs");

    private readonly Lock _lock = new();
    private readonly JobSpec _spec;
    private readonly string _job;
    private readonly int _number;
    private readonly Activity? _attempt;
    private Activity? _step;
    private string? _stepName;

    public JobTrace(string job, int attempt, JobSpec spec)
    {
        (_job, _number, _spec) = (job, attempt, spec);
        _attempt = Start("attempt", default, null, null);
    }

    /// <summary>The attempt is at a step: the span of the one before ends.</summary>
    public void Enter(string step)
    {
        if (!s_source.HasListeners() || step == Volatile.Read(ref _stepName))
            return;
        lock (_lock)
        {
            if (step == _stepName)
                return;
            _step?.Stop();
            _step = Start("step", Parent, "step", step);
            Volatile.Write(ref _stepName, step);
        }
    }

    /// <summary>From here until it is disposed, a checkpoint is made durable; null: nobody listens.</summary>
    public IDisposable? Checkpoint(string step) => Start("checkpoint", Parent, "step", step);

    /// <summary>From here until it is disposed, the end of the job is made durable; null: nobody listens.</summary>
    public IDisposable? Finish(string state) => Start("finish", Parent, "state", state);

    public void Dispose()
    {
        lock (_lock)
            _step?.Stop();
        _attempt?.Stop();
    }

    private ActivityContext Parent => _attempt?.Context ?? default;

    private Activity? Start(string name, ActivityContext parent, string? tag, string? value)
    {
        // Steps begin and end in the turns of different callers, none of whose own spans they are parents of.
        var current = Activity.Current;
        Activity.Current = null;
        try
        {
            if (s_source.CreateActivity("oml.job." + name, ActivityKind.Internal, parent) is not { } span)
                return null;
            span.DisplayName = $"{_spec.Kind} {value ?? name}";
            span.SetTag("oml.job.id", _job).SetTag("oml.job.kind", _spec.Kind).SetTag("oml.job.attempt", _number);
            if (tag is not null)
                span.SetTag("oml.job." + tag, value);
            return span.Start();
        }
        finally
        {
            Activity.Current = current;
        }
    }
}

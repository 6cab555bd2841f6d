using System.Collections.Concurrent;
using System.Collections.Immutable;
using OrleansMl.Jobs;

namespace OrleansMl.Grains.Tests.Jobs;

/// <summary>Runs what the test says, by the job's parameters; every silo has the same one.</summary>
internal sealed class ScriptedRunner : IJobRunner
{
    private readonly ConcurrentDictionary<string, Func<IJobContext, Task<OmlResult<string>>>> _scripts = new();

    public string Kind => "scripted";

    /// <summary>Jobs that were cleaned up after.</summary>
    public ConcurrentBag<string> Cleaned { get; } = [];

    public JobSpec Add(Func<IJobContext, Task<OmlResult<string>>> script)
    {
        var name = Guid.NewGuid().ToString("n");
        _scripts[name] = script;
        return new JobSpec { Kind = Kind, Params = name };
    }

    public Task<OmlResult<JobSpec>> PrepareAsync(JobSpec spec, CancellationToken cancellationToken) => Task.FromResult<OmlResult<JobSpec>>(spec);

    public Task<OmlResult<string>> RunAsync(IJobContext context) => _scripts[context.Spec.Params!](context);

    public void CleanUp(string jobId) => Cleaned.Add(jobId);

    public static ImmutableSortedDictionary<string, double> Nothing => ImmutableSortedDictionary<string, double>.Empty;
}

using System.Collections.Concurrent;
using Orleans.Runtime;

namespace OrleansMl.EngineContract.Tests;

/// <summary>Barriers shared by grains and tests: both run in this process, on either engine.</summary>
internal static class Gates
{
    private static readonly ConcurrentDictionary<string, TaskCompletionSource> All = new();

    public static void Open(string name) => Of(name).TrySetResult();

    public static Task Passed(string name) => Of(name).Task;

    public static Task WaitFor(string name) => Of(name).Task.WaitAsync(TimeSpan.FromSeconds(15));

    private static TaskCompletionSource Of(string name) =>
        All.GetOrAdd(name, static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
}

/// <summary>What happened, per subject, in order.</summary>
internal static class Journal
{
    private static readonly ConcurrentDictionary<string, ConcurrentQueue<string>> All = new();

    public static void Add(string subject, string what) => All.GetOrAdd(subject, static _ => new()).Enqueue(what);

    public static string[] Of(string subject) => All.TryGetValue(subject, out var entries) ? [.. entries] : [];
}

/// <summary>Filters' entries, per grain.</summary>
internal static class CallLog
{
    public static void Add(GrainId grain, string what)
    {
        if (grain.Type.ToString() == "contract.filtered")
            Journal.Add($"calls of {grain.Key}", what);
    }

    public static string[] Of(string key) => Journal.Of($"calls of {key}");
}

/// <summary>Stages of a silo's start.</summary>
internal static class StartupLog
{
    public static void Add(string silo, string what) => Journal.Add($"start of {silo}", what);

    public static string[] Of(string silo) => Journal.Of($"start of {silo}");
}

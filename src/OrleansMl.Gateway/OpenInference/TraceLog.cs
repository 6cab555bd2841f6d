using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging;

namespace OrleansMl.Gateway.OpenInference;

/// <summary>Logs every nth request of what the trace settings name, until their count is spent.</summary>
internal sealed partial class TraceLog(TraceSettings settings, ILogger<TraceLog> log)
{
    private readonly ConcurrentDictionary<string, Counter> _counters = new(StringComparer.Ordinal);

    /// <summary>The trace of a request that begins; null when it is not traced.</summary>
    public Trace? Begin(string model)
    {
        if (settings.IsOff || settings.Read(model, TraceSettings.Level)[0] == "OFF")
            return null;
        var revision = settings.Revision;
        var counter = _counters.AddOrUpdate(model, static (m, s) => Counter.From(m, s.Revision, s.Settings), static (m, old, s) => old.Revision == s.Revision ? old : Counter.From(m, s.Revision, s.Settings), (Revision: revision, Settings: settings));
        return counter.Takes() ? new Trace(this) : null;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Trace of {Model} version {Version}, request '{Id}': {Microseconds} µs from request to answer")]
    private static partial void LogTrace(ILogger logger, string model, int version, string id, long microseconds);

    /// <summary>One request under way.</summary>
    internal sealed class Trace(TraceLog owner)
    {
        private readonly long _started = Stopwatch.GetTimestamp();

        public void End(string? id, string model, int version) => LogTrace(owner.Logger, model, version, id ?? "", (long)Stopwatch.GetElapsedTime(_started).TotalMicroseconds);
    }

    private ILogger Logger => log;

    private sealed class Counter(long revision, int rate, int count)
    {
        private int _seen = -1;
        private readonly bool _isEndless = count < 0;
        private int _left = count;

        public long Revision => revision;

        public static Counter From(string model, long revision, TraceSettings settings)
            => new(revision, int.Parse(settings.Read(model, TraceSettings.Rate)[0], CultureInfo.InvariantCulture), int.Parse(settings.Read(model, TraceSettings.Count)[0], CultureInfo.InvariantCulture));

        public bool Takes()
            => (uint)Interlocked.Increment(ref _seen) % (uint)rate == 0 && (_isEndless || Interlocked.Decrement(ref _left) >= 0);
    }
}

using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace OrleansMl.Gateway.Tests;

/// <summary>Keeps the named values of everything that is logged.</summary>
internal sealed class RecordedLog : ILoggerProvider
{
    private readonly ConcurrentQueue<(string Category, IReadOnlyDictionary<string, object?> Values)> _lines = new();

    public IReadOnlyList<IReadOnlyDictionary<string, object?>> Of(string category) => [.. _lines.Where(l => l.Category == category).Select(l => l.Values)];

    public ILogger CreateLogger(string categoryName) => new Category(this, categoryName);

    public void Dispose()
    {
    }

    private sealed class Category(RecordedLog log, string name) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (state is IEnumerable<KeyValuePair<string, object?>> values)
                log._lines.Enqueue((name, values.ToDictionary(v => v.Key, v => v.Value)));
        }
    }
}

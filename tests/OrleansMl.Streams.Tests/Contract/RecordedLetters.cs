using System.Collections.Concurrent;
using OrleansMl.Storage;

namespace OrleansMl.Streams.Tests.Contract;

/// <summary>The dead letters of a test's clusters.</summary>
public sealed class RecordedLetters : IDeadLetterSink
{
    private readonly ConcurrentDictionary<string, DeadLetter> _bySource = new(StringComparer.Ordinal);

    public IReadOnlyList<DeadLetter> All => [.. _bySource.Values.OrderBy(letter => letter.Source, StringComparer.Ordinal)];

    public Task WriteAsync(IReadOnlyList<DeadLetter> letters, CancellationToken cancellationToken)
    {
        foreach (var letter in letters)
            _bySource.TryAdd(letter.Source, letter);
        return Task.CompletedTask;
    }
}

using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Orleans.Streams;

namespace Orleans.Providers.Streams.Common;

/// <summary>
/// Messages in the order they were read, in up to ten buckets. A bucket leaves when no cursor stands in it and no older bucket
/// is left; ten buckets are pressure. A cursor that has seen everything stands nowhere, so it keeps nothing.
/// </summary>
public class SimpleQueueCache : IQueueCache
{
    private const int MaxBuckets = 10;
    private readonly int _capacity;
    private readonly int _bucketSize;
    private readonly ILogger _logger;
    private readonly List<Entry> _entries = [];
    private readonly List<Bucket> _buckets = [];
    private long _first;

    public SimpleQueueCache(int cacheSize, ILogger logger)
    {
        _capacity = cacheSize;
        _bucketSize = Math.Max(cacheSize / MaxBuckets, 1);
        _logger = logger;
    }

    public int Size => _entries.Count;

    /// <summary>Place of the newest message.</summary>
    private long Last => _first + _entries.Count - 1;

    public int GetMaxAddCount() => _bucketSize;

    public virtual bool IsUnderPressure() => _buckets.Count >= MaxBuckets;

    public virtual void AddToCache(IList<IBatchContainer> msgs)
    {
        ArgumentNullException.ThrowIfNull(msgs);
        foreach (var message in msgs)
        {
            ArgumentNullException.ThrowIfNull(message);
            if (Size >= _capacity)
                throw new CacheFullException();
            if (_buckets.Count == 0 || _buckets[^1].Messages == _bucketSize)
                _buckets.Add(new Bucket());
            _buckets[^1].Messages++;
            _entries.Add(new Entry(message, _buckets[^1]));
        }
    }

    public virtual bool TryPurgeFromCache([MaybeNullWhen(false)] out IList<IBatchContainer> purgedItems)
    {
        purgedItems = null;
        if (_buckets.Count == 0 || _buckets[0].Cursors > 0)
            return false;
        var count = 0;
        while (_buckets.Count > 0 && _buckets[0].Cursors == 0)
        {
            count += _buckets[0].Messages;
            _buckets.RemoveAt(0);
        }

        purgedItems = [.. _entries.Take(count).Where(e => !e.Failed).Select(e => e.Message)];
        _entries.RemoveRange(0, count);
        _first += count;
        _logger.LogDebug("{Count} messages left the cache.", count);
        return true;
    }

    public virtual IQueueCacheCursor GetCacheCursor(StreamId streamId, StreamSequenceToken? token)
    {
        var cursor = new Cursor(this, streamId);
        cursor.GoTo(token);
        return cursor;
    }

    private Entry At(long place) => _entries[(int)(place - _first)];

    /// <summary>The newest message at or before the token, or the first after it when it lies between two.</summary>
    private long? Find(StreamSequenceToken? token)
    {
        if (_entries.Count == 0)
            return null;
        if (token is null)
            return Last;
        var oldest = _entries[0].Message.SequenceToken;
        var newest = _entries[^1].Message.SequenceToken;
        if (token.Newer(newest))
            return null;
        if (token.Older(oldest))
            throw new QueueCacheMissException(token, oldest, newest);
        var index = _entries.Count - 1;
        while (index > 0 && _entries[index].Message.SequenceToken.Newer(token) && !_entries[index - 1].Message.SequenceToken.Older(token))
            index--;
        return _first + index;
    }

    private sealed class Bucket
    {
        public int Messages { get; set; }

        public int Cursors { get; set; }
    }

    private sealed class Entry(IBatchContainer message, Bucket bucket)
    {
        public IBatchContainer Message { get; } = message;

        public Bucket Bucket { get; } = bucket;

        public bool Failed { get; set; }
    }

    private sealed class Cursor(SimpleQueueCache cache, StreamId stream) : IQueueCacheCursor, IBatchingCursor
    {
        private readonly List<Entry> _held = [];
        private bool _holding;
        private long? _place;
        private StreamSequenceToken? _waitsFor;
        private IBatchContainer? _current;

        public void GoTo(StreamSequenceToken? token)
        {
            _place = cache.Find(token);
            _waitsFor = token;
            if (_place is { } place)
                cache.At(place).Bucket.Cursors++;
        }

        public IBatchContainer? GetCurrent(out Exception? exception)
        {
            exception = null;
            return _current;
        }

        public bool MoveNext()
        {
            // After it was placed, the first step stays where it is if that message is of the stream.
            if (_current is null && _place is { } start && cache.At(start).Message.StreamId == stream)
                return Take(start);
            while (_place is { } place)
            {
                Move(place == cache.Last ? null : place + 1);
                if (_place is { } next && cache.At(next).Message.StreamId == stream)
                    return Take(next);
            }

            _current = null;
            return false;
        }

        public void Refresh(StreamSequenceToken token)
        {
            if (_place is null)
                GoTo(_waitsFor ?? token);
        }

        public void RecordDeliveryFailure()
        {
            if (_place is { } place && _current is not null)
                cache.At(place).Failed = true;
        }

        public IDisposable Hold()
        {
            if (_holding)
                throw new InvalidOperationException("The cursor holds a batch already.");
            _holding = true;
            return new Held(this, _place is { } place ? cache.At(place).Bucket : null);
        }

        public void RecordFailureOfHeld()
        {
            foreach (var entry in _held)
                entry.Failed = true;
        }

        public void Dispose()
        {
            Move(null);
            _current = null;
        }

        private bool Take(long place)
        {
            var entry = cache.At(place);
            _current = entry.Message;
            if (_holding)
                _held.Add(entry);
            return true;
        }

        private void Move(long? place)
        {
            if (_place is { } old)
                cache.At(old).Bucket.Cursors--;
            _place = place;
            _waitsFor = null;
            if (place is { } now)
                cache.At(now).Bucket.Cursors++;
        }

        private sealed class Held : IDisposable
        {
            private readonly Cursor _owner;
            private readonly Bucket? _pinned;

            public Held(Cursor owner, Bucket? pinned)
            {
                _owner = owner;
                _pinned = pinned;
                if (pinned is not null)
                    pinned.Cursors++;
            }

            public void Dispose()
            {
                _owner._holding = false;
                _owner._held.Clear();
                if (_pinned is not null)
                    _pinned.Cursors--;
            }
        }
    }
}

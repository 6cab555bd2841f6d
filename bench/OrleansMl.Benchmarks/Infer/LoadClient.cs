using System.Diagnostics;

namespace OrleansMl.Benchmarks.Infer;

/// <summary>
/// A load generator: one thread, a few kept connections, one request that was made before. What it costs is taken from the
/// servers that it measures, which share the machine with it, so it does no more than send, receive and look for the end.
/// </summary>
internal sealed class LoadClient : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly HttpConnection[] _connections;
    private readonly Polling.Place[] _places;

    public LoadClient(Uri server, byte[] request, int connections)
    {
        _connections = [.. Enumerable.Range(0, connections).Select(_ => new HttpConnection(server, request))];
        _places = [.. _connections.Select(c => new Polling.Place { Descriptor = c.Descriptor })];
    }

    /// <summary>Closed loop: every connection sends again when it was answered.</summary>
    public LoadWindow Closed(TimeSpan duration)
    {
        var window = new LoadWindow();
        var start = Stopwatch.GetTimestamp();
        var end = start + Ticks(duration);
        foreach (var connection in _connections)
            connection.Send(Stopwatch.GetTimestamp());
        for (var inFlight = _connections.Length; inFlight > 0;)
        {
            Wait(s_patience);
            for (var i = 0; i < _connections.Length; i++)
            {
                if (_places[i].Ready == 0)
                    continue;
                var connection = Progress(i);
                while (connection.TryTake(out var due, out var status, out var answer))
                {
                    var now = Stopwatch.GetTimestamp();
                    window.Take(status, answer, now - due);
                    if (now < end)
                    {
                        connection.Send(now);
                        continue;
                    }

                    if (--inFlight == 0)
                        window.End(Stopwatch.GetElapsedTime(start, now), answer);
                }
            }
        }

        return window;
    }

    /// <summary>
    /// Open loop: requests go out by the clock, on the connections in turn, whatever the answers do, and each one's time counts
    /// from when it should have gone out. So what waits for a slow server is counted as waiting, not left out.
    /// </summary>
    /// <param name="rate">Requests a second.</param>
    /// <param name="duration">Of the sending, at least; then the answers are awaited.</param>
    /// <param name="until">The sending goes on until this is done; null: it does not wait.</param>
    public LoadWindow Open(double rate, TimeSpan duration, Task? until = null)
    {
        Polling.BePunctual();
        var window = new LoadWindow();
        var interval = Stopwatch.Frequency / rate;
        var start = Stopwatch.GetTimestamp();
        var end = start + Ticks(duration);
        var (sent, inFlight, isOver) = (0, 0, false);
        while (!isOver || inFlight > 0)
        {
            for (long due, now; !isOver && (due = start + (long)(sent * interval)) <= (now = Stopwatch.GetTimestamp()); sent++)
            {
                if (due >= end && until is not { IsCompleted: false })
                {
                    isOver = true;
                    break;
                }

                _connections[sent % _connections.Length].Send(due);
                window.Sent(due, now);
                inFlight++;
            }

            if (isOver && inFlight == 0)
                break;
            var next = isOver ? s_patience : Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), start + (long)(sent * interval));
            if (!Wait(next, isDeadline: isOver))
                continue;
            for (var i = 0; i < _connections.Length; i++)
            {
                if (_places[i].Ready == 0)
                    continue;
                var connection = Progress(i);
                while (connection.TryTake(out var asked, out var status, out var answer))
                {
                    var now = Stopwatch.GetTimestamp();
                    window.Take(status, answer, now - asked);
                    inFlight--;
                    if (isOver || inFlight == 0)
                        window.End(Stopwatch.GetElapsedTime(start, now), answer);
                }
            }
        }

        return window;
    }

    public void Dispose()
    {
        foreach (var connection in _connections)
            connection.Dispose();
    }

    private bool Wait(TimeSpan atMost, bool isDeadline = true)
    {
        for (var i = 0; i < _places.Length; i++)
            _places[i].Wanted = _connections[i].HasUnsent ? (short)(Polling.Readable | Polling.Writable) : Polling.Readable;
        if (Polling.Wait(_places, atMost) > 0)
            return true;
        return isDeadline ? throw new TimeoutException($"The server has not answered for {atMost.TotalSeconds} s.") : false;
    }

    private HttpConnection Progress(int i)
    {
        var connection = _connections[i];
        if ((_places[i].Ready & Polling.Writable) != 0)
            connection.SendOn();
        if ((_places[i].Ready & ~Polling.Writable) != 0)
            connection.Receive();
        return connection;
    }

    private static long Ticks(TimeSpan duration) => (long)(duration.TotalSeconds * Stopwatch.Frequency);
}

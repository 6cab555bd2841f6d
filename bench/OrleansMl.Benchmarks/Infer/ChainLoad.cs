using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace OrleansMl.Benchmarks.Infer;

/// <summary>
/// Callers that each send a few requests one after the other, each when the one before is answered, and begin anew: what a client does
/// that calls models in a row. A caller has a thread and a kept connection. The requests are made before: what a client would do
/// between two of them costs nothing here.
/// </summary>
internal sealed class ChainLoad(Uri server, IReadOnlyList<byte[]> requests, int callers)
{
    private const int LargestAnswer = 1 << 16;

    private static readonly int s_patience = (int)TimeSpan.FromSeconds(30).TotalMilliseconds;

    /// <summary>All requests of a chain count as one, from the first byte sent to the last one's answer.</summary>
    public LoadWindow Closed(TimeSpan duration)
    {
        var windows = new LoadWindow[callers];
        var failures = new Exception?[callers];
        var threads = Enumerable.Range(0, callers).Select(caller => new Thread(() =>
        {
            try
            {
                windows[caller] = Call(duration);
            }
            catch (Exception exception)
            {
                failures[caller] = exception;
            }
        })).ToArray();
        foreach (var thread in threads)
            thread.Start();
        foreach (var thread in threads)
            thread.Join();
        if (failures.FirstOrDefault(f => f is not null) is { } failure)
            throw new InvalidOperationException($"A caller of {server} failed: {failure.Message}", failure);
        var all = windows[0];
        foreach (var window in windows.Skip(1))
            all.AddBeside(window);
        return all;
    }

    private LoadWindow Call(TimeSpan duration)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = s_patience, SendTimeout = s_patience };
        socket.Connect(IPAddress.Parse(server.Host), server.Port);
        var window = new LoadWindow();
        var buffer = new byte[LargestAnswer];
        var start = Stopwatch.GetTimestamp();
        var (ended, length) = (start, 0);
        while (Stopwatch.GetElapsedTime(start, ended) < duration)
        {
            var began = Stopwatch.GetTimestamp();
            var status = 200;
            for (var i = 0; i < requests.Count && status == 200; i++)
                (status, length) = Ask(socket, requests[i], buffer);
            ended = Stopwatch.GetTimestamp();
            window.Take(status, buffer.AsSpan(0, length), ended - began);
        }

        window.End(Stopwatch.GetElapsedTime(start, ended), buffer.AsSpan(0, length));
        return window;
    }

    private static (int Status, int Length) Ask(Socket socket, byte[] request, byte[] buffer)
    {
        for (var sent = 0; sent < request.Length;)
            sent += socket.Send(request.AsSpan(sent));
        for (var received = 0; ;)
        {
            var count = socket.Receive(buffer.AsSpan(received));
            if (count == 0)
                throw new IOException("The server closed a connection.");
            received += count;
            if (HttpAnswer.TryRead(buffer.AsSpan(0, received), out var status, out var length))
                return (status, length);
            if (received == buffer.Length)
                throw new InvalidDataException($"An answer has more than {buffer.Length} bytes.");
        }
    }
}

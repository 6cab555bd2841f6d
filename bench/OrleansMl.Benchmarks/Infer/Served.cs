namespace OrleansMl.Benchmarks.Infer;

/// <summary>A window of load on one server.</summary>
/// <param name="Window">What the client saw.</param>
/// <param name="Processor">Microseconds of processor time that the server took for an answer: other work on the machine changes them little.</param>
internal sealed record Served(LoadWindow Window, double Processor)
{
    public static Served By(ChildServer server, Func<LoadWindow> load)
    {
        var before = server.ProcessorTime;
        var window = load().Demand();
        return new Served(window, (server.ProcessorTime - before).TotalMicroseconds / window.Answered);
    }

    public override string ToString() => FormattableString.Invariant($"{Window} {Processor:F0} µs CPU");
}

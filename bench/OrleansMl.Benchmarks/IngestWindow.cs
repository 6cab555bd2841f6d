namespace OrleansMl.Benchmarks;

/// <summary>What one side did in one window, and the processor time that it took.</summary>
internal sealed record IngestWindow(int Events, TimeSpan Elapsed, TimeSpan Processor)
{
    public double Rate => Events / Elapsed.TotalSeconds;

    public double MicrosecondsPerEvent => Processor.TotalMicroseconds / Events;
}

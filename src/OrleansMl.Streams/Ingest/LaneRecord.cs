namespace OrleansMl.Streams;

/// <summary>A record in the array that it came in: small, as lists of thousands of them grow and go.</summary>
internal readonly record struct LaneRecord(LogRecord[] Records, int Index, object Planned)
{
    public ref readonly LogRecord Record => ref Records[Index];
}

namespace OrleansMl.Datasets;

/// <summary>A file is not what its format says.</summary>
/// <param name="code">Machine-readable.</param>
/// <param name="detail">For people; the line is put before it.</param>
/// <param name="line">Where, from 1.</param>
internal sealed class DataFaultException(string code, string detail, long line) : Exception($"Line {line}: {detail}")
{
    /// <summary>400, with the line.</summary>
    public OmlError ToError() => OmlError.Invalid(Message, code) with { Faults = [new OmlFault(code, Message) { Line = (int)Math.Min(line, int.MaxValue) }] };
}

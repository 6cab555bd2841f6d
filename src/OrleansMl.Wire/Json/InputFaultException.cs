namespace OrleansMl.Wire;

/// <summary>An input that breaks the rules, with the place where it does. Ends as 400, or as one entry of <c>errors</c>.</summary>
public sealed class InputFaultException(OmlFault fault) : Exception(fault.Detail)
{
    /// <param name="code">Machine-readable.</param>
    /// <param name="detail">Thing, value, limit, remedy.</param>
    /// <param name="pointer">Place, RFC 6901; null: none.</param>
    public InputFaultException(string code, string detail, string? pointer = null)
        : this(new OmlFault(code, detail) { Pointer = pointer })
    {
    }

    /// <summary>What is wrong, and where.</summary>
    public OmlFault Fault { get; } = fault;
}

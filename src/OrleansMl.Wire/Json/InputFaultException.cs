namespace OrleansMl.Wire;

/// <summary>An input that breaks the rules, with the place where it does. Ends as 400, or as one entry of <c>errors</c>.</summary>
public sealed class InputFaultException(OmlFault fault) : Exception(fault.Detail)
{
    public InputFaultException(string code, string detail, string? pointer = null)
        : this(new OmlFault(code, detail) { Pointer = pointer })
    {
    }

    public OmlFault Fault { get; } = fault;
}

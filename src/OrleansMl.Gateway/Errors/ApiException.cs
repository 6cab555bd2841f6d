namespace OrleansMl.Gateway.Errors;

/// <summary>Ends a request with an error; the one writer of errors turns it into a body.</summary>
internal sealed class ApiException(OmlError error) : Exception(error.Detail)
{
    public ApiException(int status, string code, string detail)
        : this(new OmlError(code, status, detail))
    {
    }

    public OmlError Error { get; } = error;

    /// <summary>One fault of a body that is one value.</summary>
    public static ApiException From(OmlFault fault) => new(new OmlError(fault.Code, 400, fault.Detail) { Faults = [fault] });
}

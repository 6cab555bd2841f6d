using System.Text;
using OrleansMl.Wire;

namespace OrleansMl.Jobs;

/// <summary>Reads the values of a job, and says where in the job a fault is.</summary>
internal static class JobValues
{
    /// <summary>Reads a JSON value; a fault in it is told with its place in the job.</summary>
    /// <param name="json">The value.</param>
    /// <param name="pointer">Its place in the job, such as <c>/params</c>.</param>
    /// <param name="read">Reads it.</param>
    public static OmlResult<T> Parse<T>(string json, string pointer, StrictReader.Parser<T> read)
    {
        try
        {
            return StrictReader.Parse(Encoding.UTF8.GetBytes(json), read);
        }
        catch (InputFaultException exception)
        {
            var fault = exception.Fault with { Pointer = pointer + exception.Fault.Pointer };
            return OmlError.Invalid(fault.Detail, fault.Code) with { Faults = [fault] };
        }
    }

    /// <summary>One of two words.</summary>
    public static string OneOf(ref StrictReader reader, string thing, string first, string second)
    {
        var text = reader.ReadString(thing);
        return text == first || text == second ? text : throw reader.Fault("invalid", $"{thing} is {reader.Excerpt()}; give \"{first}\" or \"{second}\".");
    }

    /// <summary>A member of a job that is wrong.</summary>
    /// <param name="member">Its place, without the first slash.</param>
    /// <param name="code">Machine-readable.</param>
    /// <param name="detail">For people.</param>
    public static OmlError Wrong(string member, string code, string detail) =>
        OmlError.Invalid(detail, code) with { Faults = [new OmlFault(code, detail) { Pointer = "/" + member }] };
}

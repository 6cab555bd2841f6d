using System.Globalization;
using OrleansMl.Gateway.Errors;
using OrleansMl.Services;

namespace OrleansMl.Gateway.OpenInference;

/// <summary>
/// The parameters of a request, whichever way they come: bool, long, ulong, double or string, <see cref="Nested"/> for JSON objects
/// and arrays; null where none is given.
/// </summary>
internal sealed class ParameterReader
{
    /// <summary>What no parameter of the protocol can be; a custom one is passed over.</summary>
    public static readonly object Nested = new Structure();

    private Dictionary<string, object>? _custom;
    private InferParameters _known = InferParameters.None;

    /// <summary>All outputs are wanted as bytes.</summary>
    public bool IsBinaryOutput { get; private set; }

    /// <summary>The last answer of a stream is to be marked (<c>triton_final_response</c>).</summary>
    public bool MarksFinalResponse { get; private set; }

    public InferParameters Read => _custom is null ? _known : _known with { Custom = _custom };

    /// <exception cref="ApiException">The value does not fit the parameter.</exception>
    public void Add(string name, object? value)
    {
        switch (name)
        {
            case "sequence_id":
                _known = _known with { Sequence = ReadSequence(value) };
                break;
            case "sequence_start":
                _known = _known with { SequenceStart = Truth(name, value) };
                break;
            case "sequence_end":
                _known = _known with { SequenceEnd = Truth(name, value) };
                break;
            case "priority":
                _known = _known with { Priority = Whole(name, value) };
                break;
            case "timeout":
                var microseconds = Whole(name, value);
                _known = _known with { Timeout = microseconds == 0 ? null : TimeSpan.FromMicroseconds(Math.Min(microseconds, 1e15)) };
                break;
            case "binary_data_output":
                IsBinaryOutput = Truth(name, value);
                break;
            case "triton_enable_empty_final_response":
                MarksFinalResponse = Truth(name, value);
                break;
            default:
                if (value is not (null or Structure))
                    (_custom ??= new(StringComparer.Ordinal))[name] = value;
                break;
        }
    }

    /// <summary>Classes wanted of an output, from its parameter <c>classification</c>.</summary>
    public static int Classes(string output, object? value) => value switch
    {
        null => 0,
        long and >= 0 and <= int.MaxValue or ulong and <= int.MaxValue => Convert.ToInt32(value, CultureInfo.InvariantCulture),
        _ => throw Unfit($"classification of output '{output}'", value, "the number of classes wanted, 1 or more"),
    };

    /// <summary>Refuses tensors that lie in shared memory.</summary>
    public static void RefuseSharedMemory(string name, string tensor)
    {
        if (name is "shared_memory_region" or "shared_memory_byte_size" or "shared_memory_offset")
            throw new ApiException(501, "unsupported", $"The parameter '{name}' of '{tensor}' asks for shared memory, which this server does not serve; send and ask for the bytes themselves.");
    }

    public static bool Truth(string name, object? value) => value switch
    {
        null => false,
        bool truth => truth,
        _ => throw Unfit(name, value, "true or false"),
    };

    private static ulong Whole(string name, object? value) => value switch
    {
        null => 0,
        ulong unsigned => unsigned,
        long and >= 0 => (ulong)(long)value,
        _ => throw Unfit(name, value, "a whole number from 0 on"),
    };

    private static SequenceId? ReadSequence(object? value) => value switch
    {
        null or "" or 0L or 0UL => null,
        string { Length: <= 128 } text => new SequenceId(0, text),
        ulong or long and > 0 => new SequenceId(Convert.ToUInt64(value, CultureInfo.InvariantCulture), null),
        _ => throw Unfit("sequence_id", value, "a whole number above 0 or a text of at most 128 characters (0 or \"\": no sequence)"),
    };

    private static ApiException Unfit(string name, object? value, string wanted)
        => new(400, "invalid", $"The parameter '{name}' is {(value is string { Length: > 40 } text ? text[..40] + "…" : Convert.ToString(value, CultureInfo.InvariantCulture))}; give {wanted}.");

    private sealed class Structure
    {
        public override string ToString() => "an object or an array";
    }
}

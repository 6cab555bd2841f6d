using System.Text.Json;
using OrleansMl.Gateway.Json;
using OrleansMl.Inference;
using OrleansMl.Wire;

namespace OrleansMl.Gateway.OpenInference;

/// <summary>An inference request as read from JSON.</summary>
/// <param name="Id">The caller's id, to be echoed; null: none.</param>
/// <param name="Inputs">Tensors.</param>
/// <param name="Outputs">Names wanted; empty: all.</param>
/// <param name="Unsupported">What the request asks for that is not served, as a sentence; null: nothing.</param>
internal sealed record InferBody(string? Id, List<Tensor> Inputs, List<string> Outputs, string? Unsupported)
{
    private static readonly MemberTable Members = new("id", "parameters", "inputs", "outputs");
    private static readonly MemberTable InputMembers = new("name", "shape", "datatype", "parameters", "data");
    private static readonly MemberTable OutputMembers = new("name", "parameters");

    /// <summary>
    /// Reads a request. Members that the protocol does not know are passed over, as its clients expect; repeated ones are
    /// refused.
    /// </summary>
    public static InferBody Read(ref StrictReader reader)
    {
        reader.ExpectObject("An inference request");
        string? id = null, unsupported = null;
        List<Tensor>? inputs = null;
        var outputs = new List<string>();
        ulong seen = 0;
        for (int member; (member = reader.NextMember(Members, ref seen, skipUnknown: true)) >= 0;)
        {
            switch (member)
            {
                case 0:
                    id = reader.ReadStringOrNull("id");
                    break;
                case 1:
                    unsupported ??= ReadParameters(ref reader, "request");
                    break;
                case 2:
                    inputs = ReadInputs(ref reader, ref unsupported);
                    break;
                default:
                    if (!reader.IsNull)
                        ReadOutputs(ref reader, outputs, ref unsupported);
                    break;
            }
        }

        if (inputs is null)
            throw reader.Missing("inputs", "an array of {name, shape, datatype, data}");
        return new InferBody(id, inputs, outputs, unsupported);
    }

    private static List<Tensor> ReadInputs(ref StrictReader reader, ref string? unsupported)
    {
        reader.ExpectArray("inputs");
        var inputs = new List<Tensor>();
        while (reader.NextElement())
        {
            if (ReadInput(ref reader, ref unsupported) is not { } input)
                continue;
            foreach (var other in inputs)
            {
                if (other.Name == input.Name)
                    throw reader.Fault("repeated_member", $"The input '{input.Name}' is given twice; give it once.");
            }

            inputs.Add(input);
        }

        return inputs;
    }

    /// <summary>Null when the tensor's data lies outside the JSON, which is not served.</summary>
    private static Tensor? ReadInput(ref StrictReader reader, ref string? unsupported)
    {
        reader.ExpectObject("An input");
        string? name = null, datatype = null;
        long[]? shape = null;
        TensorType? type = null;
        TensorJson.Pending data = default;
        Tensor? tensor = null;
        var outside = false;
        ulong seen = 0;
        for (int member; (member = reader.NextMember(InputMembers, ref seen, skipUnknown: true)) >= 0;)
        {
            switch (member)
            {
                case 0:
                    name = reader.ReadString("The input's name");
                    break;
                case 1:
                    shape = TensorJson.ReadShape(ref reader);
                    break;
                case 2:
                    datatype = reader.ReadString("datatype");
                    type = TensorTypeExtensions.FromProtocolName(datatype)
                        ?? throw reader.Fault("invalid", $"datatype is {reader.Excerpt()}; give BOOL, UINT8 … UINT64, INT8 … INT64, FP32, FP64 or BYTES.");
                    break;
                case 3:
                    var why = ReadParameters(ref reader, "input");
                    outside |= why is not null;
                    unsupported ??= why;
                    break;
                default:
                    reader.ExpectArray("data");
                    if (name is not null && shape is not null && type is { } known)
                        tensor = TensorJson.Read(ref reader, name, known, shape);
                    else
                        data = TensorJson.Postpone(ref reader);
                    break;
            }
        }

        if (name is null)
            throw reader.Missing("name", "the input's name");
        if (shape is null)
            throw reader.Missing("shape", "the input's shape");
        if (type is not { } of)
            throw reader.Missing("datatype", "the input's datatype");
        if (tensor is not null)
            return tensor;
        if (data.IsGiven)
            return TensorJson.Resume(ref reader, data, name, of, shape);
        return outside ? null : throw reader.Missing("data", $"the elements of input '{name}'");
    }

    private static void ReadOutputs(ref StrictReader reader, List<string> outputs, ref string? unsupported)
    {
        reader.ExpectArray("outputs");
        while (reader.NextElement())
        {
            reader.ExpectObject("An output");
            string? name = null;
            ulong seen = 0;
            for (int member; (member = reader.NextMember(OutputMembers, ref seen, skipUnknown: true)) >= 0;)
            {
                if (member == 0)
                    name = reader.ReadString("The output's name");
                else
                    unsupported ??= ReadParameters(ref reader, "output");
            }

            if (name is null)
                throw reader.Missing("name", "the output's name");
            if (outputs.Contains(name))
                throw reader.Fault("repeated_member", $"The output '{name}' is asked for twice; ask once.");
            outputs.Add(name);
        }
    }

    /// <summary>What the parameters ask for that is not served; custom ones are accepted and mean nothing.</summary>
    private static string? ReadParameters(ref StrictReader reader, string of)
    {
        if (reader.IsNull)
            return null;
        reader.ExpectObject("parameters");
        string? unsupported = null;
        var names = new HashSet<string>(StringComparer.Ordinal);
        while (reader.NextName() is { } name)
        {
            if (!names.Add(name))
                throw reader.Fault("repeated_member", "A parameter is given twice; give it once.");
            var asks = (of, name) switch
            {
                ("request", "sequence_id") => !IsNothing(ref reader),
                ("request", "sequence_start" or "sequence_end" or "binary_data_output") => reader.TokenType == JsonTokenType.True,
                ("output", "binary_data") => reader.TokenType == JsonTokenType.True,
                ("output", "classification") => !IsNothing(ref reader),
                (_, "binary_data_size" or "shared_memory_region" or "shared_memory_byte_size" or "shared_memory_offset") => true,
                _ => false,
            };
            if (asks)
                unsupported ??= $"The {of} parameter '{name}' asks for an extension that this server does not serve; GET /v2 lists those it does. Send and ask for tensors as JSON.";
            reader.Skip();
        }

        return unsupported;
    }

    private static bool IsNothing(ref StrictReader reader) => reader.TokenType switch
    {
        JsonTokenType.Null => true,
        JsonTokenType.Number => reader.TryGetInt64(out var number) && number == 0,
        JsonTokenType.String => reader.ReadString("The parameter").Length == 0,
        _ => false,
    };
}

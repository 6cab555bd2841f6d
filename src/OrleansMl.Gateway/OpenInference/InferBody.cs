using System.Text.Json;
using OrleansMl.Inference;
using OrleansMl.Wire;

namespace OrleansMl.Gateway.OpenInference;

/// <summary>An inference request as read from JSON; the bytes of its binary tensors lie behind it.</summary>
/// <param name="Id">The caller's id, to be echoed; null: none.</param>
/// <param name="Parameters">Of the request.</param>
/// <param name="Inputs">Tensors, and places for those whose bytes are outside.</param>
/// <param name="Outputs">Outputs wanted; empty: all.</param>
internal sealed record InferBody(string? Id, ParameterReader Parameters, IReadOnlyList<InferBodyInput> Inputs, IReadOnlyList<RequestedOutput> Outputs)
{
    private static readonly MemberTable Members = new("id", "parameters", "inputs", "outputs");
    private static readonly MemberTable InputMembers = new("name", "shape", "datatype", "parameters", "data");
    private static readonly MemberTable OutputMembers = new("name", "parameters");

    private delegate void Parameter(string name, object? value, ref StrictReader reader);

    /// <summary>
    /// Reads a request. Members that the protocol does not know are passed over, as its clients expect; repeated ones are
    /// refused.
    /// </summary>
    public static InferBody Read(ref StrictReader reader)
    {
        reader.ExpectObject("An inference request");
        string? id = null;
        List<InferBodyInput>? inputs = null;
        var parameters = new ParameterReader();
        IReadOnlyList<RequestedOutput> outputs = [];
        ulong seen = 0;
        for (int member; (member = reader.NextMember(Members, ref seen, skipUnknown: true)) >= 0;)
        {
            switch (member)
            {
                case 0:
                    id = reader.ReadStringOrNull("id");
                    break;
                case 1:
                    ReadRequestParameters(ref reader, parameters);
                    break;
                case 2:
                    inputs = ReadInputs(ref reader);
                    break;
                default:
                    if (!reader.IsNull)
                        outputs = ReadOutputs(ref reader);
                    break;
            }
        }

        if (inputs is null)
            throw reader.Missing("inputs", "an array of {name, shape, datatype, data}");
        return new InferBody(id, parameters, inputs, outputs);
    }

    /// <summary>The tensors, with the binary ones cut out of what lies behind the JSON, in their order.</summary>
    /// <exception cref="Errors.ApiException">400: the bytes do not fit.</exception>
    public List<Tensor> Resolve(ReadOnlyMemory<byte> binary)
    {
        long announced = 0;
        foreach (var input in Inputs)
            announced += input.Tensor is null ? input.BinarySize : 0;
        if (announced != binary.Length)
            throw new Errors.ApiException(400, "invalid", $"{binary.Length} bytes lie behind the JSON of the request; the inputs' binary_data_size together say {announced}. Send Inference-Header-Content-Length (the length of the JSON) and exactly these bytes.");
        var tensors = new List<Tensor>(Inputs.Count);
        foreach (var input in Inputs)
        {
            if (input.Tensor is { } tensor)
            {
                tensors.Add(tensor);
                continue;
            }

            tensors.Add(BinaryTensors.Read(input.Name, input.Type, input.Shape, binary[..(int)input.BinarySize]));
            binary = binary[(int)input.BinarySize..];
        }

        return tensors;
    }

    private static List<InferBodyInput> ReadInputs(ref StrictReader reader)
    {
        reader.ExpectArray("inputs");
        var inputs = new List<InferBodyInput>(1);
        while (reader.NextElement())
        {
            var input = ReadInput(ref reader);
            foreach (var other in inputs)
            {
                if (other.Name == input.Name)
                    throw reader.Fault("repeated_member", $"The input '{input.Name}' is given twice; give it once.");
            }

            inputs.Add(input);
        }

        return inputs;
    }

    private static InferBodyInput ReadInput(ref StrictReader reader)
    {
        reader.ExpectObject("An input");
        string? name = null;
        long[]? shape = null;
        TensorType? type = null;
        TensorJson.Pending data = default;
        Tensor? tensor = null;
        long? binarySize = null;
        ulong seen = 0;
        for (int member; (member = reader.NextMember(InputMembers, ref seen, skipUnknown: true)) >= 0;)
        {
            switch (member)
            {
                case 0:
                    name = reader.ReadName("The input's name");
                    break;
                case 1:
                    shape = TensorJson.ReadShape(ref reader);
                    break;
                case 2:
                    type = TensorTypeExtensions.FromProtocolName(reader.ReadName("datatype"))
                        ?? throw reader.Fault("invalid", $"datatype is {reader.Excerpt()}; give BOOL, UINT8 … UINT64, INT8 … INT64, FP16, BF16, FP32, FP64 or BYTES.");
                    break;
                case 3:
                    binarySize = ReadBinarySize(ref reader, name ?? "an input");
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
        if (type is not { } stated)
            throw reader.Missing("datatype", "the input's datatype");
        if (data.IsGiven)
            tensor = TensorJson.Resume(ref reader, data, name, stated, shape);
        if (tensor is not null && binarySize is not null)
            throw reader.Fault("invalid", $"The input '{name}' has data and binary_data_size; send one of them.");
        if (tensor is null && binarySize is null)
            throw reader.Missing("data", $"the elements of input '{name}', or binary_data_size and its bytes");
        return new InferBodyInput(name, stated, shape, tensor, binarySize ?? 0);
    }

    // These two apart: what their lambdas capture would be allocated for requests without parameters too.
    private static void ReadRequestParameters(ref StrictReader reader, ParameterReader parameters)
        => ReadParameters(ref reader, (string name, object? value, ref StrictReader _) => parameters.Add(name, value));

    private static long? ReadBinarySize(ref StrictReader reader, string input)
    {
        long? size = null;
        ReadParameters(ref reader, (string parameter, object? value, ref StrictReader at) =>
        {
            ParameterReader.RefuseSharedMemory(parameter, input);
            if (parameter == "binary_data_size" && value is not null)
                size = value is long and >= 0 and <= int.MaxValue ? (long)value : throw at.Fault("out_of_range", $"binary_data_size is {at.Excerpt()}; give the number of the input's bytes.");
        });
        return size;
    }

    private static List<RequestedOutput> ReadOutputs(ref StrictReader reader)
    {
        reader.ExpectArray("outputs");
        var outputs = new List<RequestedOutput>();
        while (reader.NextElement())
        {
            reader.ExpectObject("An output");
            string? name = null;
            var classes = 0;
            bool? isBinary = null;
            ulong seen = 0;
            for (int member; (member = reader.NextMember(OutputMembers, ref seen, skipUnknown: true)) >= 0;)
            {
                if (member == 0)
                {
                    name = reader.ReadString("The output's name");
                    continue;
                }

                var of = name ?? "an output";
                ReadParameters(ref reader, (string parameter, object? value, ref StrictReader _) =>
                {
                    ParameterReader.RefuseSharedMemory(parameter, of);
                    if (parameter == "classification")
                        classes = ParameterReader.Classes(of, value);
                    else if (parameter == "binary_data" && value is not null)
                        isBinary = ParameterReader.Truth("binary_data", value);
                });
            }

            if (name is null)
                throw reader.Missing("name", "the output's name");
            foreach (var other in outputs)
            {
                if (other.Name == name)
                    throw reader.Fault("repeated_member", $"The output '{name}' is asked for twice; ask once.");
            }

            outputs.Add(new RequestedOutput(name, classes, isBinary));
        }

        return outputs;
    }

    private static void ReadParameters(ref StrictReader reader, Parameter take)
    {
        if (reader.IsNull)
            return;
        reader.ExpectObject("parameters");
        var names = new HashSet<string>(StringComparer.Ordinal);
        while (reader.NextName() is { } name)
        {
            if (!names.Add(name))
                throw reader.Fault("repeated_member", "A parameter is given twice; give it once.");
            object? value = reader.TokenType switch
            {
                JsonTokenType.True => true,
                JsonTokenType.False => false,
                JsonTokenType.String => reader.ReadString("The parameter"),
                JsonTokenType.Number when reader.TryGetInt64(out var whole) => whole,
                JsonTokenType.Number when reader.TryGetUInt64(out var unsigned) => unsigned,
                JsonTokenType.Number => reader.ReadDouble("The parameter"),
                JsonTokenType.StartObject or JsonTokenType.StartArray => ParameterReader.Nested,
                _ => null,
            };
            take(name, value, ref reader);
            reader.Skip();
        }
    }
}

/// <summary>An input as the JSON states it.</summary>
/// <param name="Name">Name of the input.</param>
/// <param name="Type">Datatype.</param>
/// <param name="Shape">Row-major.</param>
/// <param name="Tensor">With its data; null: they lie behind the JSON.</param>
/// <param name="BinarySize">How many bytes they have there.</param>
internal sealed record InferBodyInput(string Name, TensorType Type, long[] Shape, Tensor? Tensor, long BinarySize);

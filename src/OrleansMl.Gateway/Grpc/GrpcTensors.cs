using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Google.Protobuf;
using OrleansMl.Gateway.Errors;
using OrleansMl.Gateway.Json;
using OrleansMl.Gateway.OpenInference;
using OrleansMl.Inference;
using OrleansMl.Protocol;

namespace OrleansMl.Gateway.Grpc;

/// <summary>Tensors from and to the messages of the protocol. Raw bytes are used where they lie.</summary>
internal static class GrpcTensors
{
    private const int MaxRank = 32;

    /// <exception cref="ApiException">400: what does not fit; 501: shared memory.</exception>
    public static List<Tensor> Read(ModelInferRequest request)
    {
        var isRaw = request.RawInputContents.Count > 0;
        if (isRaw && request.RawInputContents.Count != request.Inputs.Count)
            throw Unfit($"expected {request.Inputs.Count} raw_input_contents, one for each input, but the request has {request.RawInputContents.Count}; contents in some inputs and raw_input_contents for others cannot be mixed.");
        var tensors = new List<Tensor>(request.Inputs.Count);
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < request.Inputs.Count; i++)
        {
            var input = request.Inputs[i];
            if (!names.Add(input.Name))
                throw Unfit($"The input '{input.Name}' is given twice; give it once.");
            foreach (var parameter in input.Parameters)
                ParameterReader.RefuseSharedMemory(parameter.Key, input.Name);
            if (isRaw && input.Contents is not null)
                throw Unfit($"contents field must not be specified when using raw_input_contents for '{input.Name}'; send one of them.");
            var type = TensorTypeExtensions.FromProtocolName(input.Datatype)
                ?? throw Unfit($"The datatype of input '{input.Name}' is '{input.Datatype}'; give BOOL, UINT8 … UINT64, INT8 … INT64, FP16, BF16, FP32, FP64 or BYTES.");
            if (input.Shape.Count > MaxRank)
                throw Unfit($"The shape of input '{input.Name}' has {input.Shape.Count} dimensions; at most {MaxRank} are taken.");
            long[] shape = [.. input.Shape];
            tensors.Add(isRaw ? BinaryTensors.Read(input.Name, type, shape, request.RawInputContents[i].Memory) : FromContents(input.Name, type, shape, input.Contents ?? new InferTensorContents()));
        }

        return tensors;
    }

    /// <summary>Appends an output with its bytes.</summary>
    public static void Write(ModelInferResponse response, Tensor tensor)
    {
        response.Outputs.Add(new ModelInferResponse.Types.InferOutputTensor { Name = tensor.Name, Datatype = tensor.Type.ToProtocolName(), Shape = { tensor.Shape.ToArray() } });
        response.RawOutputContents.Add(BytesOf(tensor));
    }

    private static ByteString BytesOf(Tensor tensor)
    {
        // Nobody changes a tensor that was given out.
        if (tensor.Type != TensorType.Bytes)
            return UnsafeByteOperations.UnsafeWrap(tensor.Data);
        using var buffer = new PooledBuffer();
        BinaryTensors.WriteElements(buffer, tensor);
        return ByteString.CopyFrom(buffer.Memory.Span);
    }

    private static Tensor FromContents(string name, TensorType type, long[] shape, InferTensorContents contents)
    {
        var (given, field) = type switch
        {
            TensorType.Bool => (contents.BoolContents.Count, "bool_contents"),
            TensorType.Int8 or TensorType.Int16 or TensorType.Int32 => (contents.IntContents.Count, "int_contents"),
            TensorType.Int64 => (contents.Int64Contents.Count, "int64_contents"),
            TensorType.UInt8 or TensorType.UInt16 or TensorType.UInt32 => (contents.UintContents.Count, "uint_contents"),
            TensorType.UInt64 => (contents.Uint64Contents.Count, "uint64_contents"),
            TensorType.Fp32 => (contents.Fp32Contents.Count, "fp32_contents"),
            TensorType.Fp64 => (contents.Fp64Contents.Count, "fp64_contents"),
            TensorType.Bytes => (contents.BytesContents.Count, "bytes_contents"),
            _ => throw Unfit($"{type.ToProtocolName()} has no typed contents; send input '{name}' by raw_input_contents."),
        };
        var count = BinaryTensors.Count(name, shape);
        if (given != count)
            throw Unfit($"{field} of input '{name}' has {given} elements; shape {BinaryTensors.Text(shape)} of {type.ToProtocolName()} takes {count}.");
        return type switch
        {
            TensorType.Bytes => new Tensor(name, shape, contents.BytesContents.Select(e => e.Memory).ToArray()),
            TensorType.Bool => Pack<bool>(contents.BoolContents, (at, value) => at[0] = value ? (byte)1 : (byte)0),
            TensorType.Int8 => Pack<int>(contents.IntContents, (at, value) => at[0] = (byte)(sbyte)Within(value, sbyte.MinValue, sbyte.MaxValue)),
            TensorType.Int16 => Pack<int>(contents.IntContents, (at, value) => BinaryPrimitives.WriteInt16LittleEndian(at, (short)Within(value, short.MinValue, short.MaxValue))),
            TensorType.Int32 => Copy(contents.IntContents.ToArray()),
            TensorType.Int64 => Copy(contents.Int64Contents.ToArray()),
            TensorType.UInt8 => Pack<uint>(contents.UintContents, (at, value) => at[0] = (byte)Within(value, 0, byte.MaxValue)),
            TensorType.UInt16 => Pack<uint>(contents.UintContents, (at, value) => BinaryPrimitives.WriteUInt16LittleEndian(at, (ushort)Within(value, 0, ushort.MaxValue))),
            TensorType.UInt32 => Copy(contents.UintContents.ToArray()),
            TensorType.UInt64 => Copy(contents.Uint64Contents.ToArray()),
            TensorType.Fp32 => Copy(contents.Fp32Contents.ToArray()),
            _ => Copy(contents.Fp64Contents.ToArray()),
        };

        Tensor Copy<T>(T[] values)
            where T : struct => new(name, type, shape, MemoryMarshal.AsBytes(values.AsSpan()).ToArray());

        Tensor Pack<T>(IReadOnlyList<T> values, WriteOne<T> write)
        {
            var bytes = new byte[values.Count * type.Size()];
            for (var i = 0; i < values.Count; i++)
                write(bytes.AsSpan(i * type.Size(), type.Size()), values[i]);
            return new Tensor(name, type, shape, bytes);
        }

        long Within(long value, long min, long max) => value >= min && value <= max ? value
            : throw Unfit($"{field} of input '{name}' holds {value}; {type.ToProtocolName()} takes {min} to {max}.");
    }

    private delegate void WriteOne<in T>(Span<byte> at, T value);

    private static ApiException Unfit(string detail) => new(400, "invalid", detail);
}

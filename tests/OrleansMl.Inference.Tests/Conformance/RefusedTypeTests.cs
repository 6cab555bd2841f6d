using OrleansMl.Inference.Onnx;
using AttributeType = OrleansMl.Inference.Onnx.AttributeProto.Types.AttributeType;
using DataType = OrleansMl.Inference.Onnx.TensorProto.Types.DataType;

namespace OrleansMl.Inference.Tests.Conformance;

/// <summary>What the protocol has no type for is refused by the tensor's name and ONNX's own name of the type.</summary>
public class RefusedTypeTests
{
    public static TheoryData<DataType, string> TypesOfOnnxAlone => new()
    {
        { DataType.Complex64, "COMPLEX64" },
        { DataType.Complex128, "COMPLEX128" },
        { DataType.Float8E4M3Fn, "FLOAT8E4M3FN" },
        { DataType.Float8E4M3Fnuz, "FLOAT8E4M3FNUZ" },
        { DataType.Float8E5M2, "FLOAT8E5M2" },
        { DataType.Float8E5M2Fnuz, "FLOAT8E5M2FNUZ" },
        { DataType.Float8E8M0, "FLOAT8E8M0" },
        { DataType.Float4E2M1, "FLOAT4E2M1" },
        { DataType.Uint4, "UINT4" },
        { DataType.Int4, "INT4" },
        { DataType.Uint2, "UINT2" },
        { DataType.Int2, "INT2" },
        { (DataType)99, "element type 99" },
    };

    public static TheoryData<string, string> TypesThatAreNoTensors => new()
    {
        { "sequence", "a sequence of tensors of FLOAT" },
        { "map", "a map of STRING to tensors of FLOAT" },
        { "sequence of maps", "a sequence of maps of STRING to tensors of FLOAT" },
        { "optional", "an optional value (a tensor of FLOAT)" },
        { "optional sequence", "an optional value (a sequence of tensors of FLOAT)" },
        { "sparse", "a sparse tensor of FLOAT" },
        { "none", "of no type that this reads" },
    };

    [Fact]
    public void Every_type_of_ONNX_travels_or_is_listed_here()
    {
        var listed = TypesOfOnnxAlone.Select(row => (DataType)row[0]).ToHashSet();
        Assert.All(Enum.GetValues<DataType>().Where(t => t != DataType.Undefined), type => Assert.NotEqual(OnnxTypes.ToTensorType((int)type) is not null, listed.Contains(type)));
    }

    [Theory]
    [MemberData(nameof(TypesOfOnnxAlone))]
    public void An_input_of_a_type_that_the_protocol_lacks_is_refused(DataType type, string name)
    {
        var exception = Assert.Throws<ModelLoadException>(() => OnnxModel.Load(Graphs.Identity(type, "n")));
        Assert.Equal(InspectCodes.UnsupportedType, exception.Code);
        Assert.Equal($"Input 'in' is a tensor of {name}; only tensors of the protocol's types can be sent.", exception.Message);
    }

    [Theory]
    [MemberData(nameof(TypesThatAreNoTensors))]
    public void An_input_that_is_no_tensor_is_refused(string kind, string name)
    {
        var model = Graphs.Model(Graphs.Node("Identity", ["in"], ["out"])).Out("out", DataType.Float);
        model.Graph.Input.Add(new ValueInfoProto { Name = "in", Type = TypeOf(kind) });
        var exception = Assert.Throws<ModelLoadException>(() => OnnxModel.Load(model.Bytes()));
        Assert.Equal(InspectCodes.UnsupportedType, exception.Code);
        Assert.Equal($"Input 'in' is {name}; only tensors of the protocol's types can be sent.", exception.Message);
    }

    [SkippableFact]
    public void A_published_model_that_takes_a_map_is_refused_by_the_map()
    {
        var inspected = OnnxModelFile.Inspect(TestData.Read("onnx-sklearn/pipeline_vectorize.onnx"));
        Assert.Equal(InspectCodes.UnsupportedType, inspected.Code);
        Assert.StartsWith("Input 'float_input' is a map of INT64 to tensors of FLOAT;", inspected.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void An_output_of_such_a_type_is_refused_by_name_and_the_others_are_given()
    {
        var proto = Graphs.Model(
                Graphs.Node("Cast", ["in"], ["small"], new AttributeProto { Name = "to", I = (long)DataType.Float8E4M3Fn, Type = AttributeType.Int }),
                Graphs.Node("Neg", ["in"], ["out"]))
            .In("in", DataType.Float, "n").Out("small", DataType.Float8E4M3Fn, "n").Out("out", DataType.Float, "n");
        // The first operator set with floats of 8 bits.
        proto.OpsetImport[0].Version = 19;
        proto.IrVersion = 9;
        using var model = OnnxModel.Load(proto.Bytes());
        var input = Vectors.Of("in", TensorType.Fp32, [2], 1f, 2);
        Assert.Equal([-1f, -2], Assert.Single(model.Run([input])).Values<float>());
        var message = Assert.Throws<InferenceInputException>(() => model.Run([input], ["small"])).Message;
        Assert.Equal("Output 'small' is a tensor of FLOAT8E4M3FN, which cannot be sent; ask for 'out', or export the model with tensor outputs.", message);
    }

    [Fact]
    public void A_model_with_such_outputs_only_is_refused()
    {
        var model = Graphs.Model(Graphs.Node("DFT", ["in"], ["out"])).In("in", DataType.Float).Out("out", DataType.Complex64);
        var exception = Assert.Throws<ModelLoadException>(() => OnnxModel.Load(model.Bytes()));
        Assert.Equal(InspectCodes.UnsupportedType, exception.Code);
        Assert.StartsWith("No output can be sent back: 'out' is a tensor of COMPLEX64.", exception.Message, StringComparison.Ordinal);
    }

    private static TypeProto TypeOf(string kind)
    {
        var tensor = Graphs.Value("value", DataType.Float, "n").Type;
        var sequence = new TypeProto { SequenceType = new TypeProto.Types.Sequence { ElemType = tensor } };
        var map = new TypeProto { MapType = new TypeProto.Types.Map { KeyType = (int)DataType.String, ValueType = tensor } };
        return kind switch
        {
            "sequence" => sequence,
            "map" => map,
            "sequence of maps" => new TypeProto { SequenceType = new TypeProto.Types.Sequence { ElemType = map } },
            "optional" => new TypeProto { OptionalType = new TypeProto.Types.Optional { ElemType = tensor } },
            "optional sequence" => new TypeProto { OptionalType = new TypeProto.Types.Optional { ElemType = sequence } },
            "sparse" => new TypeProto { SparseTensorType = new TypeProto.Types.SparseTensor { ElemType = (int)DataType.Float } },
            _ => new TypeProto(),
        };
    }
}

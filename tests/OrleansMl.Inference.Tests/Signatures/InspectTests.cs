using FsCheck;
using FsCheck.Fluent;
using Google.Protobuf;
using OrleansMl.Inference.Onnx;
using DataType = OrleansMl.Inference.Onnx.TensorProto.Types.DataType;

namespace OrleansMl.Inference.Tests.Signatures;

public class InspectTests
{
    [Fact]
    public void The_signature_metadata_and_operator_sets_are_those_of_the_file()
    {
        var model = Graphs.Model(Graphs.Node("Add", ["x", "b"], ["y"]))
            .In("x", DataType.Float, "n", 3)
            .In("b", DataType.Float, 3)
            .Out("y", DataType.Float, "n", 3)
            .Floats("b", [3], 1, 2, 3);
        model.MetadataProps.Add(new StringStringEntryProto { Key = "trained", Value = "today" });

        var result = OnnxModelFile.Inspect(model.Bytes());

        Assert.True(result.IsAccepted, result.Detail);
        var file = result.File!;
        var input = Assert.Single(file.Signature.Inputs);
        Assert.Equal(("x", TensorType.Fp32, "[-1,3]"), (input.Name, input.Type, input.ShapeText));
        Assert.Equal("y", Assert.Single(file.Signature.Outputs).Name);
        Assert.Equal(("tests", "1", 8L), (file.Producer, file.ProducerVersion, file.IrVersion));
        Assert.Equal(15, file.Opsets[""]);
        Assert.Equal(3, file.Opsets["ai.onnx.ml"]);
        Assert.Equal("today", file.Metadata["trained"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("hello, this is no model")]
    [InlineData("{\"inputs\": []}")]
    [InlineData("\u0008\u0008")]
    public void Bytes_that_are_no_model_are_not_onnx(string text)
    {
        var result = OnnxModelFile.Inspect(System.Text.Encoding.UTF8.GetBytes(text));
        Assert.Equal(InspectCodes.NotOnnx, result.Code);
        Assert.NotEmpty(result.Detail!);
    }

    [Fact]
    public void A_model_cut_short_anywhere_is_refused()
    {
        var whole = Graphs.Identity(DataType.Float, "n", 4);
        // The last operator set may be cut off without harm to the format: the first one then stands alone.
        var withoutLastOpset = ModelProto.Parser.ParseFrom(whole);
        withoutLastOpset.OpsetImport.RemoveAt(1);
        for (var length = 0; length < whole.Length; length++)
        {
            if (length != withoutLastOpset.CalculateSize())
                Assert.Equal(InspectCodes.NotOnnx, OnnxModelFile.Inspect(whole.AsMemory(0, length)).Code);
        }
    }

    [Fact]
    public void A_model_without_nodes_or_with_an_output_twice_is_refused()
    {
        Assert.Equal(InspectCodes.NotOnnx, OnnxModelFile.Inspect(Graphs.Model().In("in", DataType.Float).Out("in", DataType.Float).Bytes()).Code);
        Assert.Equal(InspectCodes.NotOnnx, OnnxModelFile.Inspect(Graphs.Model(Graphs.Node("Identity", ["in"], ["out"])).In("in", DataType.Float).Out("out", DataType.Float).Out("out", DataType.Float).Bytes()).Code);
    }

    public static TheoryData<string> PlacesOfTensors => ["initializer", "sparse values", "sparse indices", "attribute", "attributes", "sparse attribute", "sparse attributes", "subgraph", "subgraphs", "function", "deep", "location only", "context"];

    [Theory]
    [MemberData(nameof(PlacesOfTensors))]
    public void A_tensor_kept_in_another_file_is_refused_wherever_it_is(string place)
    {
        var external = new TensorProto { Name = "secret", DataType = (int)DataType.Float, ExternalData = { new StringStringEntryProto { Key = "location", Value = "../../etc/passwd" } } };
        var node = Graphs.Node("Identity", ["in"], ["out"]);
        var model = Graphs.Model(node).In("in", DataType.Float).Out("out", DataType.Float);
        var attribute = new AttributeProto { Name = "a" };
        var inner = new GraphProto { Initializer = { external } };
        switch (place)
        {
            case "initializer": model.Graph.Initializer.Add(external); break;
            case "sparse values": model.Graph.SparseInitializer.Add(new SparseTensorProto { Values = external }); break;
            case "sparse indices": model.Graph.SparseInitializer.Add(new SparseTensorProto { Indices = external }); break;
            case "attribute": attribute.T = external; break;
            case "attributes": attribute.Tensors.Add(external); break;
            case "sparse attribute": attribute.SparseTensor = new SparseTensorProto { Values = external }; break;
            case "sparse attributes": attribute.SparseTensors.Add(new SparseTensorProto { Indices = external }); break;
            case "subgraph": attribute.G = inner; break;
            case "subgraphs": attribute.Graphs.Add(inner); break;
            case "function": model.Functions.Add(new FunctionProto { Node = { new NodeProto { Attribute = { new AttributeProto { T = external } } } } }); break;
            case "deep": attribute.G = new GraphProto { Node = { new NodeProto { Attribute = { new AttributeProto { G = inner } } } } }; break;
            case "location only":
                model.Graph.Initializer.Add(new TensorProto { Name = "secret", DataType = (int)DataType.Float, DataLocation = TensorProto.Types.DataLocation.External });
                break;
            case "context": model.Graph.Node.Add(Graphs.Node("EPContext", [], ["c"], new AttributeProto { Name = "ep_cache_context", S = ByteString.CopyFromUtf8("../engine.bin") })); break;
        }

        node.Attribute.Add(attribute);
        var result = OnnxModelFile.Inspect(model.Bytes());
        Assert.Equal(InspectCodes.ExternalData, result.Code);
        Assert.Equal(InspectCodes.ExternalData, Assert.Throws<ModelLoadException>(() => OnnxModel.Load(model.Bytes())).Code);
    }

    [Fact]
    public void Graphs_nested_deeper_than_the_format_allows_are_refused_not_overflown()
    {
        var graph = new GraphProto { Node = { new NodeProto() } };
        for (var depth = 0; depth < 2_000; depth++)
            graph = new GraphProto { Node = { new NodeProto { Attribute = { new AttributeProto { G = graph } } } } };
        var model = Graphs.Model(Graphs.Node("If", ["in"], ["out"], new AttributeProto { G = graph })).In("in", DataType.Float).Out("out", DataType.Float);
        Assert.Equal(InspectCodes.NotOnnx, OnnxModelFile.Inspect(model.Bytes()).Code);
    }

    [Fact]
    public void A_file_over_the_limit_is_too_large_and_says_the_limit()
    {
        var bytes = Graphs.Identity(DataType.Float, 1);
        var result = OnnxModelFile.Inspect(bytes, maxBytes: bytes.Length - 1);
        Assert.Equal(InspectCodes.TooLarge, result.Code);
        Assert.Contains($"{bytes.Length - 1}", result.Detail, StringComparison.Ordinal);
        Assert.True(OnnxModelFile.Inspect(bytes, bytes.Length).IsAccepted);
    }

    [Fact]
    public void Complex_numbers_and_maps_cannot_be_sent()
    {
        var complex = OnnxModelFile.Inspect(Graphs.Identity(DataType.Complex64, 1));
        Assert.Equal(InspectCodes.UnsupportedType, complex.Code);
        Assert.Contains("'in'", complex.Detail, StringComparison.Ordinal);

        var model = Graphs.Model(Graphs.Node("DictVectorizer", ["in"], ["out"])).Out("out", DataType.Float);
        model.Graph.Input.Add(new ValueInfoProto { Name = "in", Type = new TypeProto { MapType = new TypeProto.Types.Map() } });
        Assert.Contains("'in' is a map", OnnxModelFile.Inspect(model.Bytes()).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Arbitrary_bytes_never_throw()
    {
        var bytes = ArbMap.Default.ArbFor<byte[]>();
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2_000), Prop.ForAll(bytes, b => OnnxModelFile.Inspect(b).IsAccepted || true));
    }

    [Fact]
    public void Models_with_bytes_changed_inserted_or_cut_never_throw()
    {
        var model = Graphs.HashedClassifier([1, 2], [1, 2, 3]);
        var random = new Random(7);
        var refused = 0;
        for (var round = 0; round < 5_000; round++)
        {
            var mutant = model.ToList();
            for (var edits = random.Next(1, 6); edits > 0; edits--)
            {
                var at = random.Next(mutant.Count);
                switch (random.Next(4))
                {
                    case 0: mutant[at] = (byte)random.Next(256); break;
                    case 1: mutant[at] ^= (byte)(1 << random.Next(8)); break;
                    case 2: mutant.Insert(at, (byte)random.Next(256)); break;
                    default: mutant.RemoveRange(at, Math.Min(random.Next(1, 8), mutant.Count - at - (at == 0 ? 1 : 0))); break;
                }
            }

            var result = OnnxModelFile.Inspect(mutant.ToArray());
            Assert.Equal(result.Code is null, result.IsAccepted);
            refused += result.IsAccepted ? 0 : 1;
        }

        Assert.InRange(refused, 1_000, 4_999);
    }
}

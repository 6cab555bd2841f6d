using System.Globalization;
using System.Text;
using Google.Protobuf;
using OrleansMl.Inference.Onnx;
using AttributeType = OrleansMl.Inference.Onnx.AttributeProto.Types.AttributeType;
using DataType = OrleansMl.Inference.Onnx.TensorProto.Types.DataType;

namespace OrleansMl.Inference.Tests.Conformance;

/// <summary>Classical models that take texts: BYTES in, labels and scores out, as their formulas say.</summary>
public class TextInputTests
{
    [SkippableFact]
    public void The_breast_cancer_model_encodes_its_text_and_scores_as_its_formula_says()
    {
        var bytes = TestData.Read("onnx-sklearn/mlnet_breastcancer_logreg.onnx");
        using var model = OnnxModel.Load(bytes);
        var nodes = ModelProto.Parser.ParseFrom(bytes).Graph.Node;
        var linear = nodes.Single(n => n.OpType == "LinearClassifier").Attribute.ToDictionary(a => a.Name);
        var scale = nodes.Single(n => n.OpType == "Scaler").Attribute.Single(a => a.Name == "scale").Floats;
        var rows = 0;
        foreach (var fields in Rows("onnx-sklearn/breast-cancer.txt").Where(f => f.Length == 10 && !f.Contains("?")))
        {
            float[] features = [.. fields[2..].Select(f => float.Parse(f, CultureInfo.InvariantCulture))];
            var outputs = model.Run(
                [Vectors.Texts("Label", [1, 1], fields[1]), Vectors.Of("Features", TensorType.Fp32, [1, 8], features)],
                ["Label.onnx", "PredictedLabel.onnx", "Score.onnx"]);

            double[] logits = [.. Enumerable.Range(0, 10).Select(c => linear["intercepts"].Floats[c] + Enumerable.Range(0, 8).Sum(f => (double)linear["coefficients"].Floats[(8 * c) + f] * features[f] * scale[f]))];
            var sum = logits.Sum(Math.Exp);
            Closeness.AssertClose([.. logits.Select(l => Math.Exp(l) / sum)], outputs[2].Numbers());
            // The encoder's keys stand in the order of its training data; its values count them from 1.
            var keys = nodes.Single(n => n.OpType == "LabelEncoder").Attribute.Single(a => a.Name == "keys_strings").Strings.Select(s => s.ToStringUtf8()).ToList();
            Assert.Equal([(uint)(1 + keys.IndexOf(fields[1]))], outputs[0].Values<uint>());
            Assert.Equal([(uint)(1 + Array.IndexOf(logits, logits.Max()))], outputs[1].Values<uint>());
            rows++;
        }

        Assert.Equal(683, rows);
    }

    [Fact]
    public void A_pipeline_of_one_hot_texts_gives_text_labels_and_a_map_of_their_scores()
    {
        // What skl2onnx writes for make_pipeline(OneHotEncoder(handle_unknown="ignore"), LogisticRegression()).
        var model = Graphs.Model(
                Ml("OneHotEncoder", ["city"], ["hot"], Texts("cats_strings", "Bern", "Zürich", "東京"), new AttributeProto { Name = "zeros", I = 1, Type = AttributeType.Int }),
                Graphs.Node("Flatten", ["hot"], ["row"]),
                Ml("LinearClassifier", ["row"], ["label", "scores"], Floats("coefficients", 1, 0, -1, -1, 0, 2), Floats("intercepts", 0.5f, -0.5f), Texts("classlabels_strings", "stay", "leave"), new AttributeProto { Name = "post_transform", S = ByteString.CopyFromUtf8("SOFTMAX"), Type = AttributeType.String }),
                Ml("ZipMap", ["scores"], ["p"], Texts("classlabels_strings", "stay", "leave")))
            .In("city", DataType.String, "n", 1).Out("label", DataType.String, "n");
        model.Graph.Output.Add(new ValueInfoProto
        {
            Name = "p",
            Type = new TypeProto { SequenceType = new TypeProto.Types.Sequence { ElemType = new TypeProto { MapType = new TypeProto.Types.Map { KeyType = (int)DataType.String, ValueType = Graphs.Value("v", DataType.Float).Type } } } },
        });
        using var loaded = OnnxModel.Load(model.Bytes());

        var outputs = loaded.Run([Vectors.Texts("city", [4, 1], "東京", "Bern", "Zürich", "nowhere")]);

        Assert.Equal(["label", "p", "p.keys"], outputs.Select(o => o.Name));
        Assert.Equal(["leave", "stay", "stay", "stay"], outputs[0].Texts());
        Assert.Equal(["stay", "leave", "stay", "leave", "stay", "leave", "stay", "leave"], outputs[2].Texts());
        double[] stay = [.. new[] { -0.5 - 1.5, 1.5 + 1.5, 0.5 + 0.5, 0.5 + 0.5 }.Select(margin => 1 / (1 + Math.Exp(-margin)))];
        Closeness.AssertClose([.. stay.SelectMany(s => new[] { s, 1 - s })], outputs[1].Numbers());
    }

    private static IEnumerable<string[]> Rows(string path) =>
        Encoding.UTF8.GetString(TestData.Read(path)).Split('\n').Where(l => !l.StartsWith("//", StringComparison.Ordinal)).Select(l => l.Trim().Split('\t'));

    private static NodeProto Ml(string op, string[] inputs, string[] outputs, params AttributeProto[] attributes)
    {
        var node = Graphs.Node(op, inputs, outputs, attributes);
        node.Domain = "ai.onnx.ml";
        return node;
    }

    private static AttributeProto Texts(string name, params string[] values)
    {
        var attribute = new AttributeProto { Name = name, Type = AttributeType.Strings };
        attribute.Strings.Add(values.Select(ByteString.CopyFromUtf8));
        return attribute;
    }

    private static AttributeProto Floats(string name, params float[] values)
    {
        var attribute = new AttributeProto { Name = name, Type = AttributeType.Floats };
        attribute.Floats.Add(values);
        return attribute;
    }
}

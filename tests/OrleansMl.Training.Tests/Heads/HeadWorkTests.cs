using System.Collections.Immutable;
using Google.Protobuf;
using OrleansMl.Inference;
using OrleansMl.Inference.Onnx;
using DataType = OrleansMl.Inference.Onnx.TensorProto.Types.DataType;

namespace OrleansMl.Training.Tests.Heads;

/// <summary>The steps of a head, in this process.</summary>
public sealed class HeadWorkTests : IDisposable
{
    private const int Rows = 400;

    private readonly string _root = Directory.CreateTempSubdirectory("oml-head-").FullName;
    private StringWriter _output = new();

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void The_steps_are_done_once_and_an_attempt_that_was_cut_goes_on_with_the_next_pass()
    {
        var (folder, plan) = Prepare("1", epochs: 3);
        Assert.False(HeadWork.IsDone(folder, plan));
        Assert.Equal(0, Run(folder));
        Assert.True(HeadWork.IsDone(folder, plan));
        Assert.Equal(["embed", "learn", "learn", "learn", "write"], Steps());
        Assert.Equal(["learner-3.bin"], Directory.GetFiles(folder, "learner-*").Select(Path.GetFileName));
        Assert.Equal(0, Run(folder));
        Assert.Empty(Steps());

        // As a kill after the first pass leaves it: the journal holds what is done by then, and no later file.
        var (half, _) = Prepare("half", epochs: 1);
        Assert.Equal(0, Run(half));
        var (next, again) = Prepare("2", epochs: 3);
        var (before, journal) = (WorkJournal.Open(half), WorkJournal.Open(next));
        foreach (var file in new[] { "embedded.bin", "learner-1.bin" })
            File.Copy(Path.Combine(half, file), Path.Combine(next, file));
        journal.Add(HeadWork.Embed, again.Hash(), "embedded.bin");
        journal.Add(HeadWork.Learn, WorkJournal.HashOf(again.Hash(), before.HashOf(HeadWork.Embed, "embedded.bin")), "learner-1.bin");
        Assert.Equal(0, Run(next));
        Assert.Equal(["learn", "learn", "write"], Steps());
        Assert.Equal(File.ReadAllBytes(Path.Combine(folder, HeadWork.NetworkFile)), File.ReadAllBytes(Path.Combine(next, HeadWork.NetworkFile)));
    }

    [Fact]
    public void Both_files_answer_the_rows_that_were_held_out()
    {
        var (folder, plan) = Prepare("1", epochs: 2);
        Assert.Equal(0, Run(folder));
        var held = NumberTable.Read(Path.Combine(folder, HeadWork.HeldFile));
        Assert.Equal(100, held.Count);
        var split = plan.SplitOf(Rows).Test;
        using var parent = OnnxModel.Load(Network());
        using var child = OnnxModel.Load(File.ReadAllBytes(Path.Combine(folder, HeadWork.NetworkFile)));
        for (var i = 0; i < split.Length; i++)
        {
            var (x, label) = Row(split[i]);
            Assert.Equal(label, held[HeldOutAnswers.Label][i]);
            Assert.Equal(-Math.Log(Answer(parent, x)[label]), held[HeldOutAnswers.ParentLoss][i], 1e-6);
            Assert.Equal(-Math.Log(Answer(child, x)[label]), held[HeldOutAnswers.ChildLoss][i], 1e-6);
            Assert.Equal(Answer(child, x)[label] > 0.5 ? 1 : 0, held[HeldOutAnswers.ChildRight][i]);
        }

        Assert.InRange(held[HeldOutAnswers.ChildRight].Average(), 0.9, 1);
        Assert.InRange(held[HeldOutAnswers.ParentRight].Average(), 0, 0.7);
    }

    [Fact]
    public void The_last_rows_of_the_file_are_held_out_where_the_plan_says_time()
    {
        var (folder, plan) = Prepare("1", epochs: 1, by: SplitPlan.Time);
        Assert.Equal(0, Run(folder));
        Assert.Equal(Enumerable.Range(300, 100), plan.SplitOf(Rows).Test);
        Assert.Equal(Enumerable.Range(300, 100).Select(row => (double)Row(row).Label), NumberTable.Read(Path.Combine(folder, HeadWork.HeldFile))[HeldOutAnswers.Label]);
    }

    [Fact]
    public void What_cannot_be_done_says_why()
    {
        var (other, plan) = Prepare("other", epochs: 1);
        (plan with { Fresh = plan.Fresh with { Hash = new string('0', 64) } }).Write(other);
        Assert.Equal(WorkWords.FailedExitCode, Run(other));
        Assert.Equal("rows_damaged", WorkFailure.Read(other)!.Code);
        (plan with { ParentHash = new string('0', 64) }).Write(other);
        Assert.Equal(WorkWords.FailedExitCode, Run(other));
        Assert.Contains("is not the network of the plan", WorkFailure.Read(other)!.Detail, StringComparison.Ordinal);

        // A row short of a number, though the hash is the file's.
        var (cut, whole) = Prepare("cut", epochs: 1);
        var rows = Path.Combine(_root, "cut-rows");
        File.WriteAllBytes(rows, File.ReadAllBytes(whole.Fresh.File)[..^4]);
        (whole with { Fresh = new HeadRows(rows, WorkJournal.HashOfFile(rows)) }).Write(cut);
        Assert.Equal(WorkWords.FailedExitCode, Run(cut));
        Assert.Contains("which are no rows of 3 numbers", WorkFailure.Read(cut)!.Detail, StringComparison.Ordinal);
    }

    private int Run(string folder)
    {
        _output = new StringWriter();
        return new HeadWork(folder, _output).Run(CancellationToken.None);
    }

    private IEnumerable<string> Steps() => _output.ToString().Split('\n').Select(WorkWords.StepOf).OfType<string>();

    private (string Folder, HeadPlan Plan) Prepare(string name, int epochs, string by = SplitPlan.Random)
    {
        var (folder, rows) = (Directory.CreateDirectory(Path.Combine(_root, name)).FullName, Path.Combine(_root, "rows"));
        if (!File.Exists(rows))
        {
            using var file = File.Create(rows);
            foreach (var (x, label) in Enumerable.Range(0, Rows).Select(Row))
                VectorFile.Write(file, [label], x);
        }

        File.WriteAllBytes(Path.Combine(folder, HeadPlan.ParentFile), Network());
        var plan = new HeadPlan
        {
            ParentHash = WorkJournal.HashOfFile(Path.Combine(folder, HeadPlan.ParentFile)),
            Fresh = new HeadRows(rows, WorkJournal.HashOfFile(rows)),
            Classes = 2,
            Parameters = ImmutableSortedDictionary<string, object>.Empty.Add("learningRate", 0.5),
            Epochs = epochs,
            BatchRows = 32,
            Holdout = 0.25,
            HoldoutBy = by,
            Seed = 5,
        };
        plan.Write(folder);
        return (folder, plan);
    }

    /// <summary>The class is which of two numbers is greater; the third means nothing.</summary>
    private static (float[] X, int Label) Row(int row)
    {
        var random = new Random(row);
        float[] x = [random.NextSingle(), random.NextSingle(), random.NextSingle()];
        return (x, x[0] > x[1] ? 1 : 0);
    }

    private static float[] Answer(OnnxModel model, float[] x) =>
        System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(model.Run([new Tensor("x", TensorType.Fp32, new long[] { 1, 3 }, System.Runtime.InteropServices.MemoryMarshal.AsBytes(x.AsSpan()).ToArray())])[0].Data.Span).ToArray();

    /// <summary>y = softmax(relu(x) · w), which has learned nothing yet.</summary>
    private static byte[] Network()
    {
        var graph = new GraphProto { Name = "tiny" };
        graph.Initializer.Add(new TensorProto { Name = "w", DataType = (int)DataType.Float, Dims = { 3, 2 }, FloatData = { 0.1f, 0.2f, 0, 0.1f, 0.3f, 0 } });
        graph.Node.Add(new NodeProto { OpType = "Relu", Input = { "x" }, Output = { "h" } });
        graph.Node.Add(new NodeProto { OpType = "Gemm", Input = { "h", "w" }, Output = { "z" } });
        graph.Node.Add(new NodeProto { OpType = "Softmax", Input = { "z" }, Output = { "y" }, Attribute = { new AttributeProto { Name = "axis", I = 1, Type = AttributeProto.Types.AttributeType.Int } } });
        graph.Input.Add(Value("x", 3));
        graph.Output.Add(Value("y", 2));
        return new ModelProto { IrVersion = 8, Graph = graph, OpsetImport = { new OperatorSetIdProto { Version = 17 } } }.ToByteArray();
    }

    private static ValueInfoProto Value(string name, long width) => new()
    {
        Name = name,
        Type = new TypeProto
        {
            TensorType = new TypeProto.Types.Tensor
            {
                ElemType = (int)DataType.Float,
                Shape = new TensorShapeProto { Dim = { new TensorShapeProto.Types.Dimension { DimParam = "n" }, new TensorShapeProto.Types.Dimension { DimValue = width } } },
            },
        },
    };
}

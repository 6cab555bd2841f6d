using System.Diagnostics;
using System.Runtime.InteropServices;
using OrleansMl.Inference;

namespace OrleansMl.Training.Tests.External;

/// <summary>
/// The guide's ways from other formats to ONNX (docs/training.md), run word by word: what comes out is loaded, keeps the contract of a model, and answers as the model
/// that was converted. A way whose libraries are not installed is skipped, and named.
/// </summary>
public sealed class ConversionGuideTests : IDisposable
{
    private const int Rows = 150;
    private const int Features = 4;

    /// <summary>Flowers of three kinds, which come with scikit-learn.</summary>
    private const string Data = """
        import pickle, numpy
        from sklearn.datasets import load_iris
        x, y = load_iris(return_X_y=True)
        x = x.astype(numpy.float32)
        F = 4
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("oml-guide-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [SkippableTheory]
    [InlineData("from sklearn.linear_model import LogisticRegression", "LogisticRegression(max_iter=1000)")]
    [InlineData("from sklearn.pipeline import make_pipeline\nfrom sklearn.preprocessing import StandardScaler\nfrom sklearn.svm import SVC", "make_pipeline(StandardScaler(), SVC(probability=True, random_state=1))")]
    [InlineData("from sklearn.ensemble import RandomForestClassifier", "RandomForestClassifier(20, random_state=1)")]
    [InlineData("from sklearn.ensemble import HistGradientBoostingClassifier", "HistGradientBoostingClassifier(max_iter=20)")]
    public void A_pickle_of_scikit_learn_is_converted_and_answers_as_it_did(string import, string model) => AssertConverted(
        "scikit-learn, pickle",
        "sklearn, skl2onnx",
        $"{import}\nopen('model.pickle', 'wb').write(pickle.dumps({model}.fit(x, y)))\nmodel = pickle.load(open('model.pickle', 'rb'))",
        "model.predict_proba(x)");

    [SkippableFact]
    public void Trees_of_LightGBM_are_converted_and_answer_as_they_did() => AssertConverted(
        "XGBoost, LightGBM", "lightgbm, onnxmltools", "import lightgbm\nmodel = lightgbm.LGBMClassifier(n_estimators=20).fit(x, y)", "model.predict_proba(x)");

    [SkippableFact]
    public void A_network_of_PyTorch_is_converted_and_answers_as_it_did() => AssertConverted(
        "PyTorch",
        "torch",
        "import torch\ntorch.manual_seed(1)\nnet = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.ReLU(), torch.nn.Linear(8, 3))",
        "torch.softmax(net(torch.from_numpy(x)), 1).detach().numpy()");

    [SkippableFact]
    public void A_network_of_Keras_is_converted_and_answers_as_it_did() => AssertConverted(
        "TensorFlow, Keras",
        "tensorflow, tf2onnx",
        "import tensorflow as tf\nnet = tf.keras.Sequential([tf.keras.Input((4,)), tf.keras.layers.Dense(8, 'relu'), tf.keras.layers.Dense(3)])",
        "tf.nn.softmax(net(x)).numpy()");

    /// <param name="way">What the guide calls it.</param>
    /// <param name="libraries">What it needs.</param>
    /// <param name="make">Makes what the guide's block converts.</param>
    /// <param name="answers">What that answers for x, [N, C].</param>
    private void AssertConverted(string way, string libraries, string make, string answers)
    {
        var path = ScikitLearn.PathOrSkip();
        var (has, missing) = Run(path, $"import {libraries}");
        Skip.If(has != 0, $"{way}: {missing} ({libraries})");
        var (code, said) = Run(path, $"{Data}\n{make}\n{Block(way)}\nnumpy.ascontiguousarray(x).tofile('rows.bin')\nnumpy.asarray({answers}, numpy.float32).tofile('answers.bin')\n");
        Assert.True(code == 0, said);

        var bytes = File.ReadAllBytes(Path.Combine(_folder, "model.onnx"));
        using var model = OnnxModel.Load(bytes);
        var rows = File.ReadAllBytes(Path.Combine(_folder, "rows.bin"));
        var answered = model.Run([new Tensor("input", TensorType.Fp32, new long[] { Rows, Features }, rows)], ["probabilities", "label"]);
        var expected = MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(Path.Combine(_folder, "answers.bin")));
        var probabilities = MemoryMarshal.Cast<byte, float>(answered[0].Data.Span);
        Assert.Equal(Rows * 3, expected.Length);
        for (var i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], probabilities[i], 1e-4);
        Assert.Equal([Rows], answered[1].Shape.ToArray());

        // It is what a trainer of one's own may write, too.
        using var core = CoreModel.Load(ForeignModel.ToCore(bytes));
        Assert.Equal((Features, 3), (core.FeatureCount, core.OutputWidth));
    }

    /// <summary>The block of Python under a heading of the guide.</summary>
    private static string Block(string way)
    {
        var guide = File.ReadAllText(Path.Combine(TrainerFixture.Root, "docs", "training.md"));
        var heading = guide.IndexOf($"**{way}.**", StringComparison.Ordinal);
        Assert.True(heading >= 0, $"The guide says nothing of {way}.");
        var begin = guide.IndexOf("```python\n", heading, StringComparison.Ordinal) + "```python\n".Length;
        return guide[begin..guide.IndexOf("```", begin, StringComparison.Ordinal)];
    }

    private (int Code, string Said) Run(string path, string script)
    {
        File.WriteAllText(Path.Combine(_folder, "convert.py"), script);
        var start = new ProcessStartInfo(ScikitLearn.Python, ["convert.py"]) { WorkingDirectory = _folder, RedirectStandardError = true };
        start.Environment["PYTHONPATH"] = path;
        using var process = Process.Start(start)!;
        var said = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, process.ExitCode == 0 ? "" : said.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() ?? "");
    }
}

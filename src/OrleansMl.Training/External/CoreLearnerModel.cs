using OrleansMl.Inference;
using OrleansMl.Learning;

namespace OrleansMl.Training;

/// <summary>A core graph of dense features in ONNX Runtime, asked like a learned model: so a program's model is judged by the same code, in float32 as it is served.</summary>
/// <param name="Core">Disposed by its owner, after the last prediction.</param>
/// <param name="ClassCount">0: it answers a value; else the number of classes.</param>
public sealed record CoreLearnerModel(CoreModel Core, int ClassCount) : LearnerModel
{
    public override int DenseCount => Core.FeatureCount;

    public override int HashBits { get; init; }

    public override int Classes => ClassCount;

    public override void Predict(in FeatureSpan x, Span<double> output)
    {
        Check(x, output);
        Span<float> features = x.Dense.Length <= 256 ? stackalloc float[x.Dense.Length] : new float[x.Dense.Length];
        for (var i = 0; i < features.Length; i++)
            features[i] = (float)x.Dense[i];
        Span<float> answer = output.Length <= 256 ? stackalloc float[output.Length] : new float[output.Length];
        Core.ScoreRows(1, features, [], [], answer);
        for (var i = 0; i < answer.Length; i++)
            output[i] = Classes == 0 ? answer[i] : Math.Clamp(answer[i], 0, 1);
    }
}

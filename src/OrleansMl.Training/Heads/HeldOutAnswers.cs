using OrleansMl.Inference;

namespace OrleansMl.Training;

/// <summary>
/// What the network and its child, both as files, answer for the rows that neither has learned from: of each row the label, the losses, and of classes whether they
/// are right.
/// </summary>
public static class HeldOutAnswers
{
    /// <summary>Columns of the table.</summary>
    public const string Label = "label";
    public const string ParentLoss = "parent.loss";
    public const string ChildLoss = "child.loss";
    public const string ParentRight = "parent.right";
    public const string ChildRight = "child.right";

    /// <summary>A class that a network does not know has no probability; a loss is finite all the same.</summary>
    private const double LeastProbability = 1e-15;

    /// <param name="parent">The network.</param>
    /// <param name="child">With the head that learned.</param>
    /// <param name="rows">All rows of a file.</param>
    /// <param name="plan">Says which of them were held out.</param>
    /// <param name="progress">Hears the share of the rows that are answered.</param>
    /// <param name="cancellationToken">Stops it.</param>
    internal static NumberTable Ask(NetworkAnswers parent, NetworkAnswers child, string rows, HeadPlan plan, Action<double> progress, CancellationToken cancellationToken)
    {
        var (width, isValue) = (parent.InputWidth, plan.Classes == 0);
        var held = plan.SplitOf(VectorFile.Count(rows, width)).Test;
        var (labels, losses, childLosses) = (new double[held.Length], new double[held.Length], new double[held.Length]);
        var (right, childRight) = (new double[held.Length], new double[held.Length]);
        var (numbers, batch, label) = (new float[plan.BatchRows * width], 0, new double[1]);
        using var file = new BufferedStream(File.OpenRead(rows), 1 << 16);
        var rowBytes = sizeof(double) + ((long)width * sizeof(float));
        for (var i = 0; i < held.Length; i++)
        {
            file.Position = held[i] * rowBytes;
            VectorFile.Read(file, label, numbers.AsSpan(batch * width, width));
            labels[i] = label[0];
            if (++batch < plan.BatchRows && i < held.Length - 1)
                continue;
            cancellationToken.ThrowIfCancellationRequested();
            var from = i + 1 - batch;
            var input = numbers.AsSpan(0, batch * width);
            Judge(parent, input, labels.AsSpan(from, batch), isValue, losses.AsSpan(from, batch), right.AsSpan(from, batch));
            Judge(child, input, labels.AsSpan(from, batch), isValue, childLosses.AsSpan(from, batch), childRight.AsSpan(from, batch));
            batch = 0;
            progress((i + 1.0) / held.Length);
        }

        var table = new NumberTable().With(Label, labels).With(ParentLoss, losses).With(ChildLoss, childLosses);
        return isValue ? table : table.With(ParentRight, right).With(ChildRight, childRight);
    }

    private static void Judge(NetworkAnswers network, ReadOnlySpan<float> input, ReadOnlySpan<double> labels, bool isValue, Span<double> losses, Span<double> right)
    {
        var (rows, width) = (labels.Length, network.Width);
        var answers = new double[rows * width];
        network.Predict(rows, input, answers);
        for (var row = 0; row < rows; row++)
        {
            var answer = answers.AsSpan(row * width, width);
            if (isValue)
            {
                losses[row] = (answer[0] - labels[row]) * (answer[0] - labels[row]);
                continue;
            }

            var probability = labels[row] < width ? answer[(int)labels[row]] : 0;
            losses[row] = -Math.Log(Math.Max(probability, LeastProbability));
            right[row] = System.Numerics.Tensors.TensorPrimitives.IndexOfMax<double>(answer) == labels[row] ? 1 : 0;
        }
    }
}

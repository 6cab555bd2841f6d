using OrleansMl.Learning;

namespace OrleansMl.Jobs.FineTune;

/// <summary>What a head is worth on held-out rows.</summary>
/// <param name="Rows">Judged.</param>
/// <param name="Accuracy">Share of right classes; null: a value is learned.</param>
/// <param name="Loss">Mean log loss, or squared error.</param>
internal sealed record HeadFigures(int Rows, double? Accuracy, double Loss)
{
    /// <summary>
    /// What the head before had and the new one lost: of the accuracy, or of the squared error relative to what it was. Below 0 it
    /// gained.
    /// </summary>
    public double LostSince(HeadFigures before) => before.Accuracy is { } accuracy && Accuracy is { } now ? accuracy - now : (Loss - before.Loss) / Math.Max(before.Loss, 1e-12);

    /// <param name="head">Is asked.</param>
    /// <param name="rows">Their held-out part is judged on.</param>
    public static HeadFigures Of(HeadModel head, EmbeddedRows rows)
    {
        var (right, loss) = (0, 0.0);
        var (embedding, answer) = (new double[head.DenseCount], new double[Math.Max(1, head.Classes)]);
        foreach (var row in rows.Split.Test)
        {
            rows.Read(row, embedding);
            head.Predict(embedding, answer);
            var label = rows.LabelOf(row);
            if (head.Classes == 0)
            {
                loss += (answer[0] - label) * (answer[0] - label);
                continue;
            }

            // A class that the head does not know has no probability.
            var probability = label < answer.Length ? answer[(int)label] : 0;
            loss -= Math.Log(Math.Max(probability, 1e-15));
            right += Array.IndexOf(answer, answer.Max()) == label ? 1 : 0;
        }

        var count = rows.Split.Test.Length;
        return new HeadFigures(count, head.Classes == 0 ? null : (double)right / count, loss / count);
    }
}

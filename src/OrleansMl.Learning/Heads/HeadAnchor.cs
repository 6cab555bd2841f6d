namespace OrleansMl.Learning;

/// <summary>
/// Weights that a head holds on to, and how much each of them matters: the diagonal of the Fisher information over remembered rows,
/// F = E[p (1 − p) h²] of a class, E[h²] of a value.
/// </summary>
internal sealed class HeadAnchor
{
    private readonly double[] _weights;
    private readonly double[] _bias;
    private readonly double[] _ofWeights;
    private readonly double[] _ofBias;

    private HeadAnchor(double[] weights, double[] bias, double[] ofWeights, double[] ofBias) => (_weights, _bias, _ofWeights, _ofBias) = (weights, bias, ofWeights, ofBias);

    /// <param name="weights">[R, E].</param>
    /// <param name="bias">[R].</param>
    /// <param name="link">Of one row.</param>
    /// <param name="isRectified">A score below 0 counts as 0, so its weights do not matter for the row.</param>
    /// <param name="rows">At least one.</param>
    public static HeadAnchor Of(double[] weights, double[] bias, Link link, bool isRectified, Reservoir rows)
    {
        var (ofWeights, ofBias) = (new double[weights.Length], new double[bias.Length]);
        var (scores, answer) = (new double[bias.Length], new double[Math.Max(2, bias.Length)]);
        var width = weights.Length / bias.Length;
        for (var i = 0; i < rows.Count; i++)
        {
            var h = rows[i];
            HeadModel.Scores(weights, bias, h, scores);
            scores.CopyTo(answer, 0);
            HeadModel.Answer(link, isRectified, answer.AsSpan(0, Math.Max(1, HeadModel.ClassesOf(bias.Length, link))), bias.Length);
            for (var r = 0; r < bias.Length; r++)
            {
                if (isRectified && scores[r] <= 0)
                    continue;
                var curvature = (link == Link.Identity && bias.Length == 1 ? 1 : answer[r] * (1 - answer[r])) / rows.Count;
                ofBias[r] += curvature;
                for (var j = 0; j < width; j++)
                    ofWeights[(r * width) + j] += curvature * h[j] * h[j];
            }
        }

        return new HeadAnchor([.. weights], [.. bias], ofWeights, ofBias);
    }

    /// <summary>θ = (θ + kθ*)/(1 + k), k = strength · F.</summary>
    public void Pull(double[] weights, double[] bias, double strength)
    {
        Pull(weights, _weights, _ofWeights, strength);
        Pull(bias, _bias, _ofBias, strength);
    }

    /// <summary>With rows of no importance before and after.</summary>
    public HeadAnchor Widen(int before, int after, int width)
    {
        double[] Rows(double[] rows, int of) => [.. new double[before * of], .. rows, .. new double[after * of]];
        return new HeadAnchor(Rows(_weights, width), Rows(_bias, 1), Rows(_ofWeights, width), Rows(_ofBias, 1));
    }

    public void Write(BinaryWriter writer)
    {
        foreach (var values in new[] { _weights, _bias, _ofWeights, _ofBias })
            Write(writer, values);
    }

    public static HeadAnchor Read(BinaryReader reader) => new(ReadValues(reader), ReadValues(reader), ReadValues(reader), ReadValues(reader));

    public static void Write(BinaryWriter writer, double[] values)
    {
        writer.Write(values.Length);
        foreach (var value in values)
            writer.Write(value);
    }

    public static double[] ReadValues(BinaryReader reader)
    {
        var values = new double[reader.ReadInt32()];
        for (var i = 0; i < values.Length; i++)
            values[i] = reader.ReadDouble();
        return values;
    }

    private static void Pull(double[] values, double[] anchor, double[] importance, double strength)
    {
        for (var i = 0; i < values.Length; i++)
        {
            // Written so that an importance without bound is the anchor itself.
            var pull = strength * importance[i];
            values[i] += (anchor[i] - values[i]) * (pull / (1 + pull));
        }
    }
}

namespace OrleansMl.Learning;

/// <summary>Log loss of more classes: one tree for each in an iteration.</summary>
internal sealed class BoostedSoftmaxLoss(double[] targets, double[]? weights, int classes) : BoostingLoss(targets, weights)
{
    private readonly double[][] _probabilities = [.. Enumerable.Range(0, classes).Select(_ => new double[targets.Length])];

    public override int Trees => classes;

    public override BoostedLink Link => BoostedLink.Softmax;

    /// <summary>Logarithms of the classes' shares; of one that the rows do not hold, that of nearly nothing.</summary>
    public override double[] Start()
        => [.. Enumerable.Range(0, classes).Select(one => Math.Log(Math.Max(Probabilities.Margin, WeightedMean(row => Targets[row] == one ? 1 : 0))))];

    public override void Begin(double[][] sums, int from, int to)
    {
        Span<double> row = classes <= Probabilities.OnStack ? stackalloc double[classes] : new double[classes];
        for (var i = from; i < to; i++)
        {
            for (var one = 0; one < classes; one++)
                row[one] = sums[one][i];
            Probabilities.Softmax(row);
            for (var one = 0; one < classes; one++)
                _probabilities[one][i] = row[one];
        }
    }

    public override void Derive(int tree, ReadOnlySpan<double> sums, int from, Span<double> gradients, Span<double> hessians)
    {
        for (var i = 0; i < gradients.Length; i++)
        {
            var probability = _probabilities[tree][from + i];
            gradients[i] = probability - (Targets[from + i] == tree ? 1 : 0);
            hessians[i] = probability * (1 - probability);
        }
    }

    public override double Of(double[][] sums, int row)
    {
        var most = double.NegativeInfinity;
        for (var one = 0; one < classes; one++)
            most = Math.Max(most, sums[one][row]);
        double total = 0;
        for (var one = 0; one < classes; one++)
            total += Math.Exp(sums[one][row] - most);
        return most + Math.Log(total) - sums[(int)Targets[row]][row];
    }
}

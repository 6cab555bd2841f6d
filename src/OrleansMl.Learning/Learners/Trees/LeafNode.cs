namespace OrleansMl.Learning;

/// <summary>
/// A leaf: weights of the classes, and what each feature looked like in each class since the leaf began to observe.
/// </summary>
internal sealed class LeafNode : TreeNode
{
    private readonly int _dense;
    private readonly int _hashed;

    public LeafNode(int dense, int hashed, double[] weights, int depth, bool observes)
    {
        (_dense, _hashed, Weights, Depth) = (dense, hashed, weights, depth);
        LastAttempt = TotalWeight;
        if (observes)
            Observe();
    }

    /// <summary>[C].</summary>
    public double[] Weights { get; }

    public int Depth { get; }

    public double TotalWeight => SplitMerit.Sum(Weights);

    /// <summary>Total weight when a split was last tried.</summary>
    public double LastAttempt { get; set; }

    /// <summary>Weight of examples that the majority class would have named right.</summary>
    public double MajorityRight { get; private set; }

    /// <summary>Weight of examples that naive Bayes would have named right.</summary>
    public double BayesRight { get; private set; }

    /// <summary>[D · C] normals; null: the leaf no longer observes.</summary>
    public RangedGaussian[]? Numbers { get; private set; }

    /// <summary>[K].</summary>
    public PlaceCounts[]? Places { get; private set; }

    public bool Observes => Numbers is not null;

    private bool IsEmpty => Array.TrueForAll(Weights, static weight => weight == 0);

    /// <summary>Begins to observe, from nothing.</summary>
    public void Observe()
    {
        Numbers = new RangedGaussian[_dense * Weights.Length];
        Places = new PlaceCounts[_hashed];
        for (var i = 0; i < _hashed; i++)
            Places[i] = new PlaceCounts(Weights.Length);
    }

    /// <summary>Frees what was observed; the weights of the classes go on.</summary>
    public void Rest() => (Numbers, Places) = (null, null);

    /// <summary>Takes an example in.</summary>
    /// <param name="compares">Both ways of predicting are scored first, for a leaf that takes the better one.</param>
    public void Learn(in FeatureSpan x, int label, double weight, bool compares)
    {
        if (compares && Observes)
        {
            if (IsEmpty || Probabilities.MostProbable(Weights) == label)
                MajorityRight += weight;
            Span<double> votes = Weights.Length <= Probabilities.OnStack ? stackalloc double[Weights.Length] : new double[Weights.Length];
            if (Bayes(x, votes) && Probabilities.MostProbable(votes) == label)
                BayesRight += weight;
        }

        Weights[label] += weight;
        if (!Observes)
            return;
        for (var i = 0; i < _dense; i++)
            Numbers![(i * Weights.Length) + label].Add(x.Dense[i], weight);
        for (var i = 0; i < _hashed; i++)
        {
            if (x.HashedValues[i] != 0)
                Places![i].Add(x.HashedIndices[i], label, weight);
        }
    }

    /// <summary>Shares of the classes.</summary>
    public void Majority(Span<double> probabilities)
    {
        Weights.CopyTo(probabilities);
        Probabilities.Normalize(probabilities);
    }

    /// <summary>Naive Bayes over what was observed; what has no variance or was never seen is passed over. False, and nothing written, in an empty leaf.</summary>
    public bool Bayes(in FeatureSpan x, Span<double> probabilities)
    {
        var total = TotalWeight;
        if (!(total > 0))
            return false;
        for (var c = 0; c < Weights.Length; c++)
        {
            if (!(Weights[c] > 0))
            {
                probabilities[c] = double.NegativeInfinity;
                continue;
            }

            var vote = Math.Log(Weights[c] / total);
            for (var i = 0; i < _dense; i++)
                vote += Numbers![(i * Weights.Length) + c].LogDensity(x.Dense[i]);
            for (var i = 0; i < _hashed; i++)
            {
                if (x.HashedValues[i] != 0)
                    vote += LogOrNothing(Places![i].Share(x.HashedIndices[i], c));
            }

            probabilities[c] = vote;
        }

        Probabilities.Softmax(probabilities);
        return true;
    }

    public void Write(BinaryWriter writer)
    {
        foreach (var weight in Weights)
            writer.Write(weight);
        writer.Write(Depth);
        writer.Write(LastAttempt);
        writer.Write(MajorityRight);
        writer.Write(BayesRight);
        writer.Write(Observes);
        foreach (var number in Numbers ?? [])
            number.Write(writer);
        foreach (var places in Places ?? [])
            places.Write(writer);
    }

    public static LeafNode Read(BinaryReader reader, int dense, int hashed, int classes)
    {
        var weights = ReadWeights(reader, classes);
        var depth = reader.ReadInt32();
        var (attempt, majority, bayes) = (reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble());
        var leaf = new LeafNode(dense, hashed, weights, depth, reader.ReadBoolean()) { LastAttempt = attempt, MajorityRight = majority, BayesRight = bayes };
        for (var i = 0; i < leaf.Numbers?.Length; i++)
            leaf.Numbers[i] = RangedGaussian.Read(reader);
        for (var i = 0; i < leaf.Places?.Length; i++)
            leaf.Places[i] = PlaceCounts.Read(reader, classes);

        return leaf;
    }

    private static double LogOrNothing(double share) => share > 0 ? Math.Log(share) : 0;

    private static double[] ReadWeights(BinaryReader reader, int classes)
    {
        var weights = new double[classes];
        for (var c = 0; c < classes; c++)
            weights[c] = reader.ReadDouble();
        return weights;
    }
}

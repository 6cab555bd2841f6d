namespace OrleansMl.Learning;

/// <summary>What a learner knew at one moment, for prediction alone. Immutable and thread-safe.</summary>
public abstract record LearnerModel
{
    /// <summary>D: dense features it takes.</summary>
    public abstract int DenseCount { get; }

    /// <summary>The hashed table has 2^bits places; 0: none.</summary>
    public abstract int HashBits { get; init; }

    /// <summary>0: it answers a value; else the number of classes.</summary>
    public abstract int Classes { get; }

    /// <summary>The value, or a probability per class.</summary>
    /// <param name="x">The transformed row.</param>
    /// <param name="output">[1] for a value, else [Classes]; written.</param>
    public abstract void Predict(in FeatureSpan x, Span<double> output);

    /// <summary>The value, the probability of class 1 of two, or the index of the most probable class.</summary>
    public double PredictOne(in FeatureSpan x)
    {
        if (Classes == 0)
        {
            double value = 0;
            Predict(x, new Span<double>(ref value));
            return value;
        }

        Span<double> probabilities = Classes <= Probabilities.OnStack ? stackalloc double[Classes] : new double[Classes];
        Predict(x, probabilities);
        return Classes == 2 ? probabilities[1] : Probabilities.MostProbable(probabilities);
    }

    /// <summary>Refuses a row of another shape, or an output of another length.</summary>
    protected void Check(in FeatureSpan x, ReadOnlySpan<double> output)
    {
        RowCheck.Shape(x, DenseCount, HashBits == 0 ? 0 : 1 << HashBits);
        if (output.Length != Math.Max(1, Classes))
            throw new ArgumentException($"The model answers {Math.Max(1, Classes)} numbers and there is room for {output.Length}.", nameof(output));
    }
}

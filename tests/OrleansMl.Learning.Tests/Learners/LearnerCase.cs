namespace OrleansMl.Learning.Tests.Learners;

/// <summary>A learner in one configuration, with a stream that it can learn.</summary>
/// <param name="Type">Name in application files.</param>
/// <param name="Classes">0: a value.</param>
/// <param name="Parameters">As application files give them.</param>
internal sealed record LearnerCase(string Type, int Classes, Dictionary<string, object> Parameters)
{
    private const int Bits = 6;

    /// <summary>User and item alone, or three dense and two hashed features.</summary>
    public LearnerShape Shape => IsFactorizationOfIds ? new(0, Bits, 2, Classes) : new(3, Bits, 2, Classes);

    public string Name => $"{Type}, {(Classes == 0 ? "value" : $"{Classes} classes")}{string.Concat(Parameters.Select(parameter => FormattableString.Invariant($", {parameter.Key} {parameter.Value}")))}";

    private bool IsFactorizationOfIds => Type is "matrix_factorization" or "matrix_factorization_als" || Parameters.GetValueOrDefault("base") is "matrix_factorization";

    public ILearner Make(long seed = 1) => LearnerFactory.Create(Type, Parameters, Shape, seed);

    /// <summary>
    /// Rows whose class, or value, a line or a place tells: the first dense feature and the second hashed one, or for ids both
    /// of them. A twentieth of the hashed values is missing.
    /// </summary>
    public Example[] Stream(int seed, int count)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => IsFactorizationOfIds ? OfIds(random) : OfColumns(random))];
    }

    private Example OfColumns(Random random)
    {
        double[] dense = [Normal(random), Normal(random), random.NextDouble() < 0.1 ? 0 : 3 * random.NextDouble()];
        int[] indices = [random.Next(8), 8 + random.Next(6)];
        double[] values = [Present(random), Present(random)];
        var group = values[1] == 0 ? 0 : (indices[1] % 3) - 1;
        var score = (2 * dense[0]) + (0.5 * dense[2]) + group;
        var label = Classes switch
        {
            0 => score + (0.1 * Normal(random)),
            2 => score > 0.75 ? 1 : 0,
            _ => score < 0 ? 0 : score < 1.5 ? 1 : 2,
        };
        return new Example(dense, indices, values, label, Weight(random));
    }

    private Example OfIds(Random random)
    {
        int[] indices = [random.Next(12), random.Next(9)];
        double[] values = [Present(random), Present(random)];
        var user = values[0] == 0 ? 0 : (indices[0] % 4) - 1.5;
        var item = values[1] == 0 ? 0 : (indices[1] % 3) - 1;
        var score = user + item + (0.6 * user * item);
        return new Example([], indices, values, Classes == 0 ? 3 + score : score > 0 ? 1 : 0, Weight(random));
    }

    private static double Present(Random random) => random.NextDouble() < 0.05 ? 0 : 1;

    private static double Weight(Random random) => random.Next(4) == 0 ? 2 : 1;

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}

/// <summary>A row with its label.</summary>
internal sealed record Example(double[] Dense, int[] Indices, double[] Values, double Label, double Weight)
{
    public FeatureSpan X => new(Dense, Indices, Values);
}

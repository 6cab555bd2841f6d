namespace OrleansMl.Learning;

/// <summary>Distances to centres.</summary>
/// <param name="inputs">[M].</param>
/// <param name="centres">[K, M].</param>
/// <param name="first">Register of the first distance.</param>
internal sealed class DistanceOperation(int[] inputs, double[] centres, int first) : Operation
{
    public override void Run(in Row row, Span<double> registers)
    {
        for (var c = 0; c * inputs.Length < centres.Length; c++)
        {
            double sum = 0;
            for (var j = 0; j < inputs.Length; j++)
            {
                var difference = registers[inputs[j]] - centres[(c * inputs.Length) + j];
                sum += difference * difference;
            }

            registers[first + c] = Math.Sqrt(sum);
        }
    }
}

/// <summary>Projections on components.</summary>
/// <param name="inputs">[M].</param>
/// <param name="means">[M].</param>
/// <param name="loadings">[Q, M].</param>
/// <param name="first">Register of the first projection.</param>
internal sealed class ProjectionOperation(int[] inputs, double[] means, double[] loadings, int first) : Operation
{
    public override void Run(in Row row, Span<double> registers)
    {
        for (var q = 0; q * inputs.Length < loadings.Length; q++)
        {
            double sum = 0;
            for (var j = 0; j < inputs.Length; j++)
                sum += (registers[inputs[j]] - means[j]) * loadings[(q * inputs.Length) + j];
            registers[first + q] = sum;
        }
    }
}

namespace OrleansMl.Learning;

/// <summary>One bin of a reliability diagram.</summary>
/// <param name="Lower">The bin's lower edge; of equal mass, its smallest probability.</param>
/// <param name="Upper">The bin's upper edge; of equal mass, its largest probability.</param>
/// <param name="Count">Rows.</param>
/// <param name="MeanProbability">What was predicted, on average; NaN for an empty bin.</param>
/// <param name="PositiveRate">What happened; NaN for an empty bin.</param>
public sealed record ReliabilityBin(double Lower, double Upper, int Count, double MeanProbability, double PositiveRate);

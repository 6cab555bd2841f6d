namespace OrleansMl.Benchmarks.Infer;

/// <param name="Pairs">Windows on each side that count; one more before them warms up.</param>
/// <param name="Window">Length of a window.</param>
internal sealed record InferSettings(int Pairs, TimeSpan Window);

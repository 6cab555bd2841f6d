namespace OrleansMl.Inference;

/// <summary>What a pipeline gives to a model, by name in the graph.</summary>
/// <param name="Features">float32 [N, D]; null when D = 0.</param>
/// <param name="Indices">int64 [N, K]; null when K = 0.</param>
/// <param name="Values">float32 [N, K]; null when K = 0.</param>
internal readonly record struct GraphInputs(string? Features, string? Indices, string? Values);

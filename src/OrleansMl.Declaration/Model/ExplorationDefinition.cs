namespace OrleansMl.Declaration;

/// <summary>How candidates are explored. A parameter that is not the type's is null.</summary>
/// <param name="Type">epsilon_greedy | softmax | square_cb.</param>
/// <param name="Epsilon">epsilon_greedy: share of the draws that any candidate may win evenly.</param>
/// <param name="Lambda">softmax: probabilities in proportion to exp(λ · score).</param>
/// <param name="Scale">square_cb: γ = scale · max(1, outcomes learned)^exponent.</param>
/// <param name="Exponent">square_cb: see <paramref name="Scale"/>.</param>
/// <param name="Seed">Equal seeds and requests draw the same.</param>
public sealed record ExplorationDefinition(string Type, double? Epsilon = null, double? Lambda = null, double? Scale = null, double? Exponent = null, int Seed = 1);

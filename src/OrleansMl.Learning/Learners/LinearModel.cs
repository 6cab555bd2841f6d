using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>The weights of a linear learner at one moment: what is exported. link(clip(bias + dense · x + Σ hashed)).</summary>
/// <param name="Dense">[D].</param>
/// <param name="Hashed">Weights that are not 0, by ascending index.</param>
/// <param name="HashBits">The hashed table has 2^bits places; 0: none.</param>
/// <param name="Bias">Weight of the constant feature.</param>
/// <param name="Link">To the answer.</param>
/// <param name="Min">The linear prediction is limited to [Min, Max]; −∞ for open.</param>
/// <param name="Max">+∞ for open.</param>
public sealed record LinearModel(ImmutableArray<double> Dense, ImmutableArray<HashedWeight> Hashed, int HashBits, double Bias, Link Link, double Min, double Max);

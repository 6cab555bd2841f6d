using System.Collections.Immutable;
using OrleansMl.Training;

namespace OrleansMl.Retraining;

/// <summary>What a candidate is on rows that it did not see.</summary>
/// <param name="Champion">The version that answered the same rows; null: there is none, or it could not.</param>
/// <param name="Evidence">The paired comparison with it; null: there is none.</param>
/// <param name="WorseSlice">A slice in which the candidate is worse; null: there is none.</param>
/// <param name="WhyNotCompared">Null: it is compared.</param>
/// <param name="Calibration">What was fitted, or why nothing; null: nothing is declared.</param>
/// <param name="Train">Rows learned from.</param>
/// <param name="Validation">Rows chosen by.</param>
/// <param name="Test">Rows judged on.</param>
/// <param name="Figures">Of the candidate, the champion and the baselines.</param>
internal sealed record HeldOutResult(
    int? Champion,
    PromotionEvidence? Evidence,
    string? WorseSlice,
    string? WhyNotCompared,
    string? Calibration,
    int Train,
    int Validation,
    int Test,
    ImmutableArray<JudgedFigure> Figures);

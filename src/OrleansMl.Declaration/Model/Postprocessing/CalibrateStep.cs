namespace OrleansMl.Declaration;

/// <summary>Maps the model's probability to a calibrated one.</summary>
/// <param name="Method">platt | isotonic | temperature.</param>
/// <param name="Map">Of a version: the fitted calibrator as JSON. Null: none is fitted, and the probability stays.</param>
public sealed record CalibrateStep(string Method, string? Map = null);

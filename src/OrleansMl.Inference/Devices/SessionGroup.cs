namespace OrleansMl.Inference;

/// <summary>One session of a model.</summary>
/// <param name="Options">How it is loaded: its device too.</param>
/// <param name="Runs">Runs that go on in it at once, ≥ 1.</param>
public sealed record SessionGroup(OnnxModelOptions Options, int Runs = 1);

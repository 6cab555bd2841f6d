namespace OrleansMl.Trainers;

/// <summary>What a place in a model's stream holds.</summary>
/// <param name="Sequence">The place.</param>
/// <param name="Example">The example; null: it could not be read and lies with the dead letters.</param>
internal readonly record struct FedExample(long Sequence, LabeledExample? Example);

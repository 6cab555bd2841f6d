namespace OrleansMl.Inference;

/// <summary>A request does not fit the model's signature: its sender can mend it.</summary>
public sealed class InferenceInputException(string message) : Exception(message);

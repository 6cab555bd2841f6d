namespace OrleansMl.Inference;

/// <summary>The runtime failed on a request that fits the signature; the message is the runtime's own.</summary>
public sealed class InferenceRunException(string message, Exception inner) : Exception(message, inner);

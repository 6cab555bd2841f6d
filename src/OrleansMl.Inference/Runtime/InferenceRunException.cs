namespace OrleansMl.Inference;

/// <summary>The model failed on a request that fits the signature; the message is the runtime's own where it has one.</summary>
public sealed class InferenceRunException(string message, Exception? inner = null) : Exception(message, inner);

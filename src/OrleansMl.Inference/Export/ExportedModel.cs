namespace OrleansMl.Inference;

/// <summary>Two ONNX models of one learned model.</summary>
/// <param name="Full">Takes raw columns: pipeline and model.</param>
/// <param name="Core">Takes transformed features: the model alone.</param>
public sealed record ExportedModel(byte[] Full, byte[] Core);

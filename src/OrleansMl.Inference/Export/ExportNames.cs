namespace OrleansMl.Inference;

/// <summary>Names of inputs, outputs and metadata of exported models.</summary>
public static class ExportNames
{
    /// <summary>Core input, float32 [N, D]; there, and unused, even when D = 0.</summary>
    public const string Features = "features";

    /// <summary>Core input, int64 [N, K]; absent when K = 0.</summary>
    public const string HashedIndices = "hashed_indices";

    /// <summary>Core input, float32 [N, K]; absent when K = 0.</summary>
    public const string HashedValues = "hashed_values";

    /// <summary>Output of models of classes: int64 or string [N].</summary>
    public const string Label = "label";

    /// <summary>Output of models of classes: float32 [N, C]; of two the negative and the positive one.</summary>
    public const string Probabilities = "probabilities";

    /// <summary>Output of regression models: float32 [N, 1].</summary>
    public const string Variable = "variable";

    /// <summary>Metadata: full | core.</summary>
    public const string PartMetadata = "oml.part";

    /// <summary>Metadata: true when only standard operators of opset 17 and ai.onnx.ml 3 are used.</summary>
    public const string PortableMetadata = "oml.portable";

    /// <summary>Metadata: why not portable.</summary>
    public const string PortabilityReasonMetadata = "oml.portable_reason";
}

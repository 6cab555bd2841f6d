namespace OrleansMl.Training;

/// <summary>Why a program's training gave no model, besides <see cref="ProcessCodes"/>.</summary>
public static class CommandTrainerCodes
{
    /// <summary>It ended well and wrote no <c>model.onnx</c>.</summary>
    public const string NoModel = "no_model";

    /// <summary>What it wrote is no ONNX model that may be loaded.</summary>
    public const string NotOnnx = "not_onnx";

    /// <summary>The runtime refuses the model: an unknown operator, a newer format.</summary>
    public const string LoadFailed = "load_failed";

    /// <summary>Inputs or outputs are not those of the contract, or the model fails on rows.</summary>
    public const string WrongSignature = "wrong_signature";

    /// <summary>An answer on the validation rows is NaN or infinite.</summary>
    public const string NotFinite = "not_finite";

    /// <summary>Probabilities outside [0, 1] or that do not sum to 1, or a label that is no class.</summary>
    public const string WrongAnswer = "wrong_answer";

    /// <summary><c>metrics.json</c> is missing, or is not {"metrics": {name: number}}.</summary>
    public const string BadMetrics = "bad_metrics";

    /// <summary>The graph cannot be written behind the pipeline's: its operator set is too new, or too old for what it uses.</summary>
    public const string NotComposed = "not_composed";

    /// <summary>The pipeline hashes columns, and programs are given dense features alone.</summary>
    public const string HashedFeatures = "hashed_features";
}

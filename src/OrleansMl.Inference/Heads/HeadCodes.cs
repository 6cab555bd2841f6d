namespace OrleansMl.Inference;

/// <summary>Why the head of a network is refused, as the interface names it.</summary>
public static class HeadCodes
{
    /// <summary>No output leads back to a linear layer with constant weights; the message names what was met.</summary>
    public const string NotFound = "head_not_found";

    /// <summary>Outputs lead back to different layers.</summary>
    public const string Ambiguous = "head_ambiguous";

    /// <summary>There is one, in a form that is not learned: shared or quantised weights, groups, independent labels, an embedding of another rank.</summary>
    public const string Unsupported = "head_unsupported";

    /// <summary>The network does not take one tensor of numbers.</summary>
    public const string InputUnsupported = "head_input_unsupported";

    /// <summary>What was written breaks the rules of ONNX, or does not answer as it should.</summary>
    public const string WriteFailed = "head_write_failed";
}

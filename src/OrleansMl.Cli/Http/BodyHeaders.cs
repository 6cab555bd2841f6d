namespace OrleansMl.Cli.Http;

/// <summary>What goes with a body.</summary>
/// <param name="ContentType">Media type.</param>
/// <param name="InferenceHeaderLength">Bytes of JSON before the binary tensors of the Open Inference Protocol; null: none.</param>
internal sealed record BodyHeaders(string ContentType, int? InferenceHeaderLength)
{
    public static readonly BodyHeaders Json = new("application/json", null);

    public static readonly BodyHeaders Yaml = new("application/yaml", null);
}

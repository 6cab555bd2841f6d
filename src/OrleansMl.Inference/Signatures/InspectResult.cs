using System.Diagnostics.CodeAnalysis;

namespace OrleansMl.Inference;

/// <summary>What <see cref="OnnxModelFile.Inspect"/> found: the file's facts, or why it is refused.</summary>
/// <param name="File">The facts; null when refused.</param>
/// <param name="Code">One of <see cref="InspectCodes"/>; null when accepted.</param>
/// <param name="Detail">The reason in words; null when accepted.</param>
public sealed record InspectResult(OnnxModelFile? File, string? Code, string? Detail)
{
    [MemberNotNullWhen(true, nameof(File))]
    [MemberNotNullWhen(false, nameof(Code), nameof(Detail))]
    public bool IsAccepted => File is not null;

    internal static InspectResult Refused(string code, string detail) => new(null, code, detail);
}

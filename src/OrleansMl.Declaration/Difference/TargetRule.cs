namespace OrleansMl.Declaration;

/// <summary>
/// Labels in the log and the numbers that a version answers stand for classes by their places. So a model that no learner of its own is at work for
/// may have new classes after those that are there, and nothing else of its target that these numbers hang on may change.
/// </summary>
internal static class TargetRule
{
    /// <summary>Why labels and versions would stand for something else; null: they do not.</summary>
    /// <param name="before">As it stands; null: there is none, and so no labels.</param>
    /// <param name="after">As it is to stand; null: it is removed.</param>
    public static string? WhyEnds(TargetDefinition? before, TargetDefinition? after)
    {
        if (before is null)
            return null;
        if (after is null)
            return "labels and versions would be of no target";
        if (before.Type != after.Type)
            return "labels and versions are of the type that stands";
        var (old, fresh) = (TargetReader.LabelsOf(before), TargetReader.LabelsOf(after));
        return fresh.AsSpan().StartsWith(old.AsSpan())
            ? null
            : "labels and versions stand for classes by their places" + (before.Type == TargetType.Multiclass ? "; leave these as they are, and add new classes after them" : "");
    }
}

using OrleansMl.Learning;

namespace OrleansMl.Declaration;

/// <summary>Reads whose network a learner <c>head</c> learns on.</summary>
internal static class HeadBaseReader
{
    /// <summary>The model and the version; null: none is said, or it is at fault.</summary>
    public static (string? Model, string? Version) Read(MapReader learner, LearnerKind? kind, bool isLive)
    {
        if (kind?.Name != HeadLearners.Type)
        {
            foreach (var key in new[] { "of", "version" }.Where(key => kind is not null && learner.Has(key)))
                learner.Key(key).Fault("conflict", $"'{key}' says whose network a learner of type {HeadLearners.Type} learns on; remove it, or change the type.");
            return (null, null);
        }

        if (!learner.Has("of"))
            learner["type"]!.Value.Fault("missing_key", $"A learner of type {HeadLearners.Type} needs the key 'of': the registered model whose network it learns on.");
        if (isLive)
            learner["serve"]!.Value.Fault("conflict", $"A learner of type {HeadLearners.Type} is served by its versions, which hold the network; use serve: promoted.");
        return (learner["of"]?.Name("a model"), learner["version"] is { } version ? Version(version) : null);
    }

    private static string? Version(NodeReader node)
    {
        if (node.NumberIfAny() is { } number)
        {
            if (number >= 1 && number <= int.MaxValue && number == Math.Floor(number))
                return number.ToString(System.Globalization.CultureInfo.InvariantCulture);
            node.Fault("out_of_range", $"{node.Said()} is no version: give a whole number from 1, or the name of an alias.");
            return null;
        }

        return node.Name("an alias");
    }
}

using OrleansMl.Declaration;
using OrleansMl.Storage;

namespace OrleansMl.Outcomes;

/// <summary>
/// Whose label stands, of all that came for a prediction. A source has one voice: its newest word, by revision, then by the time it
/// is about, then as it came. Corrections go before all sources. Only <see cref="LabelConflict.Latest"/> and
/// <see cref="LabelConflict.First"/> look at the order in which sources spoke.
/// </summary>
internal static class LabelPolicy
{
    /// <summary>Priority of a source: 0 where it is not ranked.</summary>
    public static int PriorityOf(TargetDefinition target, string source)
    {
        if (source == LabelSources.Correction)
            return int.MaxValue;
        foreach (var known in target.Sources)
        {
            if (known.Name == source)
                return known.Priority;
        }

        return 0;
    }

    /// <summary>Why a source may not speak about the target; null: it may. Events that are the truth are of the application itself.</summary>
    public static string? WhyNot(TargetDefinition target, string source) =>
        !target.RefuseUnknownSources || source == LabelSources.Correction || source.StartsWith("event:", StringComparison.Ordinal) || PriorityOf(target, source) > 0
            ? null
            : $"Source '{source}' is none of target '{target.Name}' (known: {string.Join(", ", target.Sources.Select(s => s.Name))}), and unknownSources is 'refuse'; add it there, or name one of these.";

    /// <summary>The label that stands.</summary>
    /// <param name="target">Ranks and policy.</param>
    /// <param name="labels">At least one, in the order of their sequences.</param>
    public static LabelStatement Decide(TargetDefinition target, IReadOnlyList<LabelStatement> labels)
    {
        if (labels.Count == 1)
            return labels[0];
        var voices = Voices(labels);
        if (voices.Find(v => v.Source == LabelSources.Correction) is { } correction)
            return correction;
        return target.Conflict switch
        {
            LabelConflict.First => voices.Find(v => v.Source == labels[0].Source) ?? voices[0],
            LabelConflict.HighestPriority => Highest(target, voices),
            LabelConflict.Majority => Highest(target, Largest(target, voices)),
            _ => labels[^1],
        };
    }

    /// <summary>The newest word of each source. An outcome that was restated counts as restated, by whomever.</summary>
    private static List<LabelStatement> Voices(IReadOnlyList<LabelStatement> labels)
    {
        var byOutcome = new Dictionary<string, LabelStatement>(StringComparer.Ordinal);
        foreach (var label in labels)
        {
            if (!byOutcome.TryGetValue(label.OutcomeId, out var said) || label.Revision >= said.Revision)
                byOutcome[label.OutcomeId] = label;
        }

        var bySource = new Dictionary<string, LabelStatement>(StringComparer.Ordinal);
        foreach (var label in byOutcome.Values.OrderBy(l => l.Revision).ThenBy(l => l.Time).ThenBy(l => l.Sequence))
            bySource[label.Source] = label;
        return [.. bySource.Values];
    }

    private static LabelStatement Highest(TargetDefinition target, IEnumerable<LabelStatement> voices) =>
        voices.OrderByDescending(v => PriorityOf(target, v.Source)).ThenByDescending(v => v.Time).ThenBy(v => v.Source, StringComparer.Ordinal).First();

    /// <summary>The voices that say what most say; of equally many those with the highest one among them.</summary>
    private static IEnumerable<LabelStatement> Largest(TargetDefinition target, List<LabelStatement> voices)
    {
        var groups = voices.GroupBy(v => v.Value).ToList();
        var most = groups.Max(g => g.Count());
        groups.RemoveAll(g => g.Count() < most);
        if (groups.Count == 1)
            return groups[0];
        var highest = Highest(target, groups.SelectMany(g => g));
        return groups.Single(g => g.Key.Equals(highest.Value));
    }
}

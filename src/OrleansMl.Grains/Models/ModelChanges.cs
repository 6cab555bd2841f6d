using System.Collections.Immutable;

namespace OrleansMl.Models;

/// <summary>Changes of what a model stores that keep its parts in agreement: versions that shall be served, aliases, traffic. Pure.</summary>
internal static class ModelChanges
{
    /// <summary>Versions of a learner that stay loaded without a name.</summary>
    private const int Newest = 8;

    public static StoredVersion? Find(this ModelState state, int version) => state.Versions.Find(v => v.Manifest.Version == version);

    public static int? VersionOf(this ModelState state, string alias) => state.Aliases.TryGetValue(alias, out var version) ? version : null;

    public static bool IsInTraffic(this ModelState state, int version) => state.Traffic?.Versions.Contains(version) == true;

    /// <summary>Equal files answer something else for other classes; one that does not say is of those declared.</summary>
    public static bool MayBeOfSameClasses(VersionManifest one, VersionManifest other) =>
        one.Classes.IsDefaultOrEmpty || other.Classes.IsDefaultOrEmpty || one.Classes.SequenceEqual(other.Classes);

    public static void Add(this ModelState state, StoredVersion stored)
    {
        state.Versions.Add(stored);
        state.Versions.Sort((a, b) => a.Manifest.Version.CompareTo(b.Manifest.Version));
        state.LastVersion = Math.Max(state.LastVersion, stored.Manifest.Version);
    }

    /// <summary>Whether a version shall be served.</summary>
    public static void SetWanted(this ModelState state, int version, bool wanted)
    {
        var index = state.Versions.FindIndex(v => v.Manifest.Version == version);
        state.Versions[index] = state.Versions[index] with { Wanted = wanted };
    }

    /// <summary>Lets an alias name a version, which is served from then on; null: it names none.</summary>
    public static void MoveAlias(this ModelState state, string alias, int? version)
    {
        state.Aliases = version is { } v ? state.Aliases.SetItem(alias, v) : state.Aliases.Remove(alias);
        if (version is { } named)
            state.SetWanted(named, true);

        // The split was decided on the champion before; whoever moves it, back above all, means all calls.
        if (alias != ServingPlan.Champion)
            return;
        var candidate = state.Rollout?.Candidate;
        state.Rollout = null;
        if (state.Traffic is { } traffic)
        {
            traffic = traffic with { Split = [], Shadow = traffic.Shadow.RemoveAll(v => v == version || v == candidate) };
            state.Traffic = traffic.Shadow.IsEmpty ? null : traffic;
        }
    }

    /// <summary>
    /// A model that learns makes versions without end: those that no alias names stay loaded only while they are among
    /// the newest few, so that a rollback is instant and memory stays bounded. Versions that people registered stay as people
    /// loaded them.
    /// </summary>
    /// <param name="state">Of the model.</param>
    /// <param name="keep">A version that was asked for just now; null: none.</param>
    public static void TrimWanted(this ModelState state, int? keep)
    {
        var unnamed = state.Versions
            .Where(v => v.Wanted && v.Manifest.Tags.ContainsKey(ModelGrain.LearnerTag) && !state.Aliases.ContainsValue(v.Manifest.Version) && !state.IsInTraffic(v.Manifest.Version))
            .Select(v => v.Manifest.Version).OrderDescending().Skip(Newest).Where(v => v != keep).ToArray();
        foreach (var version in unnamed)
            state.SetWanted(version, false);
    }

    /// <summary>What every silo serves by.</summary>
    public static ServingPlan ToPlan(this ModelState state, string model)
    {
        ImmutableArray<VersionManifest> wanted = [.. state.Versions.Where(v => v.Wanted).Select(v => v.Manifest)];

        // What is loaded only to shadow must not answer.
        var fallback = wanted.LastOrDefault(v => state.Traffic?.Shadow.Contains(v.Version) != true)?.Version;
        return new ServingPlan(model, state.PlanRevision, state.VersionOf(ServingPlan.Champion) ?? fallback, state.Aliases, wanted)
        {
            Traffic = state.Traffic,
            Configuration = state.Configuration,
            Rollout = state.Rollout,
        };
    }
}

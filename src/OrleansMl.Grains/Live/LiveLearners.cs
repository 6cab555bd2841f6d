using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using OrleansMl.Catalog;
using OrleansMl.Learning;
using OrleansMl.Serving;

namespace OrleansMl.Live;

/// <summary>
/// This silo's copies of the live learners that applications declare, and what they answer. Learners are deterministic, so a copy
/// that takes the same updates in the same order is the learner: predictions need no hop, and no version has to be loaded.
/// </summary>
internal sealed class LiveLearners(IGrainFactory grains, CatalogCache catalog, LearnerInstruments instruments, ILogger<LiveLearners> logger) : CatalogFollower(catalog)
{
    private static readonly TimeSpan VerifyEvery = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, Following> _followers = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    /// <summary>Scores vectors by the copy; null: the answer is the champion's.</summary>
    /// <param name="model">A model as declared.</param>
    /// <param name="plan">The plan in force in this silo.</param>
    /// <param name="vectors">In the model's column order.</param>
    public LiveAnswer? TryScore(CompiledModel model, ServingPlan plan, IReadOnlyList<IReadOnlyList<Scalar>> vectors)
    {
        if (!_followers.TryGetValue(model.Name, out var following) || following.Follower.View is not { } view)
            return null;
        if (view.Copy.Position.Lineage != model.Lineage || view.VersionUnder(plan) is not { } version)
            return null;
        try
        {
            var values = new double[vectors.Count * model.AnswerWidth];
            return new LiveAnswer(version, view.Copy.Score(model, vectors, values), values);
        }
        catch (Exception exception) when (exception is ScoringException or PipelineException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Where this silo's copy of a model stands; null: there is none.</summary>
    public LivePosition? PositionOf(string model) => _followers.TryGetValue(model, out var following) ? following.Follower.View?.Copy.Position : null;

    protected override void Follow(CompiledCatalog compiled)
    {
        lock (_gate)
        {
            foreach (var (name, following) in _followers)
            {
                if (!IsLive(compiled, name) && _followers.TryRemove(name, out _))
                    following.End();
            }

            foreach (var name in compiled.Models.Keys.Where(name => IsLive(compiled, name) && !_followers.ContainsKey(name)))
                _followers[name] = Following.Begin(new LiveFollower(name, grains, instruments, VerifyEvery, logger), Stopping);
        }
    }

    private static bool IsLive(CompiledCatalog compiled, string model) =>
        compiled.Models.TryGetValue(model, out var declared) && declared is { Definition.Learner.Live: true, Target: not null };

    private sealed record Following(LiveFollower Follower, CancellationTokenSource Stop)
    {
        public static Following Begin(LiveFollower follower, CancellationToken stopping)
        {
            var stop = CancellationTokenSource.CreateLinkedTokenSource(stopping);
            _ = Task.Run(() => follower.RunAsync(stop.Token), CancellationToken.None);
            return new Following(follower, stop);
        }

        public void End()
        {
            Stop.Cancel();
            Stop.Dispose();
        }
    }
}

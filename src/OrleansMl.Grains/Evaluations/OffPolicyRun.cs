using System.Collections.Immutable;
using System.Globalization;
using OrleansMl.Catalog;
using OrleansMl.Learning;
using OrleansMl.Predictions;
using OrleansMl.Storage;

namespace OrleansMl.Evaluations;

/// <summary>
/// What another policy would have earned with the first place of the logged answers. A decision counts where the candidates
/// were drawn, so that the probability of each of them to come first is known, and the truth of the first place has come.
/// The reward is the truth; the reward model of the doubly robust estimate is the judged version itself.
/// </summary>
internal sealed class OffPolicyRun(CompiledModel model, PolicySpec spec, VersionManifest version, VersionScorer scorer, int capacity, long seed)
{
    /// <summary>Logged decisions that an interval needs.</summary>
    private const int Fewest = 2;

    private readonly ExplorationPolicy _policy = spec.Exploration is { } exploration ? Explorer.PolicyOf(exploration) : new EpsilonGreedyPolicy(0);
    private readonly Postprocessor _postprocessor = Postprocessor.Of(version);
    private readonly long _learned = version.Tags.TryGetValue("examples", out var text) && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var examples) ? examples : 0;

    public Sample<LoggedDecision> Decisions { get; } = new(capacity, seed);

    /// <summary>Labelled records that were not drawn: nothing can be learned from them about another policy.</summary>
    public long WithoutPropensity { get; private set; }

    /// <summary>Why the log cannot answer; null: it can.</summary>
    public OmlError? WhyNot() => Decisions.Items.Count >= Fewest ? null : new OmlError("no_propensities", 422, string.Create(CultureInfo.InvariantCulture,
        $"Another policy cannot be judged: of the labelled predictions of model '{model.Name}' in the window, {WithoutPropensity} carry no propensity and {Decisions.Seen} first places do, where {Fewest} are needed. Declare exploration, and wait for outcomes of answers that were drawn."));

    public async Task<OmlError?> AddAsync(PredictionRecord record, double label, CancellationToken cancellationToken)
    {
        if (record.Propensity is not { } logged)
        {
            WithoutPropensity++;
            return null;
        }

        // The other places are drawn from what the first one left.
        if (record.Decision.IsEmpty)
            return null;
        var candidates = DecisionCodec.Decode(record.Decision);
        var chosen = -1;
        for (var i = 0; i < candidates.Length; i++)
        {
            if (candidates[i].Subject == record.Subject)
                chosen = i;
        }

        if (chosen < 0)
            return null;
        var scored = await scorer.ScoreAsync(model, spec.Version, [.. candidates.Select(c => VersionScorer.ToVector(model, c.Values))], cancellationToken);
        if (!scored.TryGet(out var rewards, out var error))
            return error;
        var scores = new double[candidates.Length];
        for (var i = 0; i < scores.Length; i++)
        {
            var values = new ServedVector(candidates[i].Values, []);
            scores[i] = _postprocessor.Apply(rewards[i], null, values.Number).Score;
            rewards[i] = _postprocessor.Calibrate(rewards[i]);
        }

        var target = _policy.Propensities(scores, _learned);
        double expected = 0;
        for (var i = 0; i < scores.Length; i++)
            expected += target[i] * rewards[i];
        Decisions.Add(new LoggedDecision(label, Math.Min(1, logged), Math.Min(1, target[chosen]), rewards[chosen], expected));
        return null;
    }

    /// <summary>The estimates by name, the reward that was earned first.</summary>
    public ImmutableArray<(string Name, OffPolicyEstimate Estimate)> Estimate()
    {
        var log = Decisions.Items.ToArray();
        var own = Array.ConvertAll(log, d => d with { TargetPropensity = d.LoggedPropensity });
        return
        [
            ("logged", OffPolicyEvaluation.Ips(own)), ("ips", OffPolicyEvaluation.Ips(log)),
            ("snips", OffPolicyEvaluation.Snips(log)), ("dr", OffPolicyEvaluation.DoublyRobust(log)),
        ];
    }
}

using System.Diagnostics;
using Microsoft.Extensions.Logging;
using OrleansMl.Catalog;
using OrleansMl.Trainers;

namespace OrleansMl.Rollouts;

/// <remarks>What has come since the last look, and what the policy makes of it.</remarks>
internal sealed partial class RolloutGrain
{
    /// <summary>Answers that are scored by the other version at once.</summary>
    private const int SliceSize = 256;

    /// <summary>One look goes on for so long at most; what is left is for the next one.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public async Task ReviewAsync()
    {
        await catalog.Loaded;
        if (Current is not { } rollout)
            return;
        if (rollout.Steps is [.., { Action: "rollback" or "abort" } leaving])
        {
            // A crash on the way back.
            await GoBackAsync(leaving.Action, leaving.Reason);
            return;
        }

        var info = (await Owner.GetAsync()).Value;
        if (info.Rollout?.Id != rollout.Id && !rollout.Steps.IsEmpty)
        {
            await ConcludeAsync(rollout);
            return;
        }

        rollout = await AdoptAsync(rollout, info);
        if (!catalog.Current.Models.TryGetValue(Model, out var model) || model.Target is null)
        {
            await GoBackAsync("rollback", $"no application declares model '{Model}' with a target any more");
            return;
        }

        if (IsOfAnotherLineage(info, rollout.Candidate, model))
        {
            await GoBackAsync("rollback", "the learner was reset: what the candidate has learned is of other columns");
            return;
        }

        var rules = RolloutRules.Of(model);
        if (rollout.Steps.IsEmpty)
        {
            await CarryOutAsync(RolloutPolicy.Next(new RolloutSnapshot(), rules));
            return;
        }

        Prepare(model, rules);
        var isNew = await TakeOutcomesAsync(model, rollout);
        var counted = info.Rollout is { } mark ? await answers.ReadAsync(Model, mark) : RolloutAnswers.None;
        var guardrails = GuardrailCheck.Of(rules.Guardrails, counted);
        var step = rollout.Steps[^1];
        var action = RolloutPolicy.Next(
            new RolloutSnapshot
            {
                Weight = step.Weight,
                InStage = Now - step.Entered,
                Total = Now - rollout.Started,
                IsPaused = rollout.State == RolloutState.Paused,
                Outcomes = step.Weight > 0 ? _served!.Count : _paired!.Count,
                Paired = _paired!.IsWorse ? Verdict.Worse : _paired.IsBetter ? Verdict.Better : Verdict.Open,
                Served = step.Weight > 0 ? _served!.Verdict : Verdict.Open,
                WorseSlice = _paired.WorseSlice,
                IsProven = rollout.Proof is { Lower: > 0 },
                Guardrails = guardrails,
            },
            rules);
        var evidence = _paired.Evidence() ?? new PromotionEvidence("none", _paired.Metric, 0, 0, double.MinValue, double.MaxValue, rules.Alpha);
        Note(evidence with { Guardrails = step.Weight > 0 ? guardrails.Add(_served!.Evidence()) : guardrails });
        if (action is RolloutAction.Hold { Reason: var wait })
        {
            if (rollout.State != RolloutState.Paused)
                Replace(Current! with { Why = wait });
            if (isNew || Current!.Why != rollout.Why)
                await StoreAsync();
            else
                _shown = [.. state.State.Rollouts];
            return;
        }

        await CarryOutAsync(action);
    }

    private static bool IsOfAnotherLineage(ModelInfo info, int version, CompiledModel model) =>
        info.Versions.FirstOrDefault(v => v.Manifest.Version == version) is { } found
        && found.Manifest.Tags.TryGetValue("lineage", out var lineage) && lineage != Text(model.Lineage);

    /// <summary>The comparisons as stored, or new ones; under other rules of comparison they begin anew.</summary>
    private void Prepare(CompiledModel model, RolloutRules rules)
    {
        if (!ReferenceEquals(_comparedBy, model))
        {
            _paired = new ChampionComparison(model, _paired?.Save() ?? state.State.Paired);
            _comparedBy = model;
        }

        _paired ??= new ChampionComparison(model, state.State.Paired);
        _served ??= state.State is { ChampionServed: { } champion, CandidateServed: { } candidate }
            ? ServedComparison.Restore(champion, candidate)
            : new ServedComparison(rules.StageAlpha);
    }

    /// <summary>Takes what the stream holds; false: nothing came.</summary>
    private async Task<bool> TakeOutcomesAsync(CompiledModel model, Rollout rollout)
    {
        var started = Stopwatch.GetTimestamp();
        var isNew = false;
        while (Stopwatch.GetElapsedTime(started) < Patience)
        {
            var taken = await outcomes.ReadAsync(Model, state.State.Sequence, SliceSize);
            if (taken.Count == 0 || !await TakeAsync(model, rollout, taken))
                break;
            state.State.Sequence = taken[^1].Sequence;
            isNew = true;
        }

        return isNew;
    }

    /// <summary>Counts answers with their truths; false, and nothing counted, when the other version cannot be asked now.</summary>
    private async Task<bool> TakeAsync(CompiledModel model, Rollout rollout, List<RolloutOutcome> taken)
    {
        var usable = taken.Where(t => t.Example is { ServedScore: not null } e && e.Lineage == model.Lineage).ToList();
        var byChampion = usable.Where(t => t.Example!.ServedVersion == rollout.Champion).Select(t => t.Example!).ToList();
        var byCandidate = usable.Where(t => t.Example!.ServedVersion == rollout.Candidate).Select(t => t.Example!).ToList();
        var candidate = await scorer.ScoreAsync(model, rollout.Candidate, byChampion);
        var champion = await scorer.ScoreAsync(model, rollout.Champion, byCandidate);
        if ((candidate.Error ?? champion.Error) is { } error)
        {
            LogNotScored(logger, Model, rollout.Id, error.Detail);
            return false;
        }

        var (c, i) = (0, 0);
        var entered = rollout.Steps[^1].Entered;
        foreach (var (_, answered, example) in usable)
        {
            var isCandidate = example!.ServedVersion == rollout.Candidate;
            if (!isCandidate && example.ServedVersion != rollout.Champion)
                continue;
            if (isCandidate && champion.Value[c++] is { } before)
                _paired!.AddServed(example, before, isCandidate: true);
            else if (!isCandidate && candidate.Value[i++] is { } after)
                _paired!.AddServed(example, after, isCandidate: false);

            // Answers of an earlier stage were given under other shares: to mix them would compare other times, too.
            if (answered >= entered)
                _served!.Add(ChampionComparison.ServedLoss(_paired!.Metric, example), isCandidate);
        }

        return true;
    }

    /// <summary>The stage's evidence as it is now.</summary>
    private void Note(PromotionEvidence evidence)
    {
        var rollout = Current!;
        Replace(rollout with { Steps = rollout.Steps.SetItem(rollout.Steps.Length - 1, rollout.Steps[^1] with { Evidence = evidence }) });
    }

    [LoggerMessage(LogLevel.Warning, "Outcomes for rollout {Rollout} of {Model} wait, as a version could not be asked: {Reason}")]
    private static partial void LogNotScored(ILogger logger, string model, int rollout, string reason);
}

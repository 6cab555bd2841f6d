using System.Collections.Immutable;
using System.Diagnostics;
using OrleansMl.Declaration;
using OrleansMl.Evaluations;
using OrleansMl.Jobs;
using OrleansMl.Learning;
using OrleansMl.Models;
using OrleansMl.Serving;
using OrleansMl.Storage;
using OrleansMl.Training;

namespace OrleansMl.Retraining;

/// <summary>
/// One attempt of a retraining, step after step. Each is saved when it is done, with the hashes of what it wrote; an attempt that comes
/// after another does only what that one had not finished. What leaves the job (versions, promotions) is done after a save, which
/// refuses an attempt that is over, and bears being done twice.
/// </summary>
internal sealed class RetrainRun(RetrainPlan plan, IJobContext context, RetrainServices services)
{
    /// <summary>How often a champion that moves meanwhile is compared anew.</summary>
    private const int MaxComparisons = 3;

    private readonly WorkProcess _worker = new(context, services.Datasets, services.Options, RetrainSteps.Fraction);
    private readonly CandidateJudge _judge = new(plan, context, services.Datasets, services.Scorer);
    private RetrainCheckpoint _state = RetrainCheckpoint.Read(context.Checkpoint);
    private long _since = Stopwatch.GetTimestamp();

    public async Task<OmlResult<string>> RunAsync()
    {
        if (!(await ExtractAsync()).TryGet(out var dataset, out var error))
            return error;
        if (await ValidateAsync() is { } invalid)
            return invalid;
        var training = TrainingPlanOf();
        if (await TrainAsync(training) is { } untrained)
            return untrained;
        for (var comparison = 1; ; comparison++)
        {
            if (await EvaluateAsync() is { } unjudged)
                return unjudged;
            if (!(await RegisterAsync(dataset, training)).TryGet(out var version, out error))
                return error;
            Report(RetrainSteps.RollOut, 0);
            var decided = await new CandidateRollout(plan, context.JobId, services.Grains, services.Plans).DecideAsync(version.Manifest, _state.Held!);
            if (!decided.TryGet(out var decision, out error))
                return error;
            decision ??= comparison < MaxComparisons ? null : new RetrainDecision(RetrainDecision.Registered, $"the champion changed {MaxComparisons} times while it was compared");
            if (decision is null)
            {
                _state = _state with { Held = null };
                continue;
            }

            // No save: what is done is found again, and the end of the job is stored as its result.
            _state = _state.Took(RetrainSteps.RollOut, Stopwatch.GetElapsedTime(_since));
            await context.LogAsync("information", $"Version {version.Manifest.Version} is {decision.Word.Replace('_', ' ')}: {decision.Reason}.");
            return RetrainResult.Write(Learned(), context.Spec, training, dataset, _state, version.Manifest, decision, TrainedImportances.Read(_worker.Folder), await services.RepeatedAsync(context.Spec, context.Cancellation));
        }
    }

    /// <summary>The rows: as a data set, which stays, and as the work reads them.</summary>
    private async Task<OmlResult<DatasetRecord>> ExtractAsync()
    {
        var dataset = plan.Dataset;
        if (dataset is null && _state.Dataset is { } written)
            dataset = await services.Datasets.FindAsync(written, context.Cancellation);
        if (dataset is null)
        {
            Report(RetrainSteps.Extract, 0);
            var extract = new LogExtract(plan, services.Predictions, services.Datasets);
            dataset = await extract.WriteAsync(context, rows => Report(RetrainSteps.Extract, 0, "rows", rows));
            if (dataset is null)
                return NoRows(extract.Skipped);
            _state = _state with { Dataset = dataset.Id, Skipped = extract.Skipped };
            await SaveAsync(RetrainSteps.Extract);
        }

        if (_state.Rows is { } rows && services.Datasets.IsWhole(rows.File, rows.Hash) && (_state.Served is not { } served || services.Datasets.IsWhole(served.File, served.Hash)))
            return dataset;
        var source = new RowsExtract(plan, dataset, services.Datasets, services.Options.MaxRowBytes);
        var file = await source.WriteAsync(context, fraction => Report(RetrainSteps.Extract, fraction));
        var sample = new ServedSample(plan, context, services);
        _state = (_state with { Dataset = dataset.Id, Rows = file, Served = await sample.WriteAsync(_state.Served) }).Warn([.. source.Warnings, .. sample.Warnings]);
        if (source.WithoutLabel > 0)
            _state = _state with { Skipped = _state.Skipped.SetItem("withoutLabel", source.WithoutLabel) };
        await SaveAsync(RetrainSteps.Extract);
        return dataset;
    }

    private async Task<OmlError?> ValidateAsync()
    {
        if (_state.IsValid)
            return null;
        Report(RetrainSteps.Validate, 0);
        var warnings = new List<string>();
        if (RowChecks.Check(plan, _state.Rows!.Profile, warnings) is { } error)
            return error;
        _state = (_state with { IsValid = true }).Warn(warnings);
        await SaveAsync(RetrainSteps.Validate);
        return null;
    }

    private async Task<OmlError?> TrainAsync(TrainingPlan training)
    {
        _worker.Figures = _worker.Figures.SetItem("rows", _state.Rows!.Profile.Rows);
        _worker.Prepare(training.Write, step => RetrainSteps.After(step, training.Tune is not null), _state.Folder);
        if (TrainingWork.Next(_worker.Folder, training) is not { } next)
            return null;
        Report(next, 0);
        var error = await _worker.RunAsync(next, StepDoneAsync);
        _state = _state.Warn(_worker.Warnings);
        return error;
    }

    private async Task<OmlError?> EvaluateAsync()
    {
        if (_state.Held is not null)
            return null;
        Report(RetrainSteps.Evaluate, 0);
        if (!(await services.Grains.GetGrain<IModelGrain>(plan.Model.Name).GetAsync()).TryGet(out var info, out var error))
            return error;
        var held = await _judge.CompareAsync(_worker.Folder, _state.Rows!, info.Aliases.TryGetValue(ServingPlan.Champion, out var champion) ? champion : null);
        if (await _worker.RunAsync(RetrainSteps.Evaluate, _ => Task.CompletedTask) is { } unjudged)
            return unjudged;
        _state = _state with { Held = held with { Figures = JudgePlan.ReadFigures(_worker.Folder) }, Folder = _worker.Name };
        await SaveAsync(RetrainSteps.Evaluate);
        return null;
    }

    /// <summary>The same files are the same version, whoever registers them.</summary>
    private async Task<OmlResult<ModelVersionInfo>> RegisterAsync(DatasetRecord dataset, TrainingPlan training)
    {
        var model = services.Grains.GetGrain<IModelGrain>(plan.Model.Name);
        if (_state.Version is { } known && (await model.GetVersionAsync(known)).TryGet(out var there, out _))
            return there;
        Report(RetrainSteps.Register, 0);
        var (folder, steps) = (_worker.Folder, _judge.Calibrate(_worker.Folder));
        var made = await LearnedVersion.MakeAsync(
            plan.Model,
            await File.ReadAllBytesAsync(Path.Combine(folder, TrainingWork.FullFile), context.Cancellation),
            await File.ReadAllBytesAsync(Path.Combine(folder, TrainingWork.CoreFile), context.Cancellation),
            await File.ReadAllTextAsync(Path.Combine(folder, TrainingWork.PipelineFile), context.Cancellation),
            steps,
            services.Artifacts);
        if (!made.TryGet(out var manifest, out var error))
            return error;
        var registered = await model.RegisterAsync(new RegisterRequest(manifest with
        {
            Parent = _state.Held!.Champion,
            Lineage = RetrainResult.LineageOf(Learned(), context.JobId, dataset, training, _state, TrainedImportances.Read(_worker.Folder)),
            Tags = manifest.Tags.Add("trainer", plan.Trainer.Type).Add("job", context.JobId),
        }));
        if (!registered.TryGet(out var result, out error))
            return error;
        _state = _state with { Version = result.Version.Manifest.Version, Digest = result.Version.Manifest.Digest };
        await SaveAsync(RetrainSteps.Register);
        return result.Version;
    }

    private TrainingPlan TrainingPlanOf() => new()
    {
        Model = plan.Model.Name,
        Columns = plan.Model.Schema.Columns,
        Pipeline = plan.Model.Definition.Pipeline,
        Classes = plan.Classes,
        ClassLabels = Catalog.TargetValues.ClassNames(plan.Target),
        RowsHash = _state.Rows!.Hash,
        RowsFile = services.Datasets.PathOf(_state.Rows.File),
        ServedHash = _state.Served?.Hash,
        ServedFile = _state.Served is { } served ? services.Datasets.PathOf(served.File) : null,
        Split = plan.Parameters.Split,
        Trainer = plan.Trainer.Type,
        Parameters = plan.Trainer.Parameters,
        Seed = plan.Seed,
        Threads = plan.Parameters.Threads,
        Target = plan.Target.Name,
        Validate = plan.Validate,
        Ranges = [.. plan.Model.Definition.Inputs.Where(input => input.Min is not null || input.Max is not null).Select(input => new ColumnRange(input.Name, input.Min, input.Max))],
        Tune = plan.Trainer.Declared?.Tune,
        Command = plan.Trainer.Declared is { Command: { IsEmpty: false } command } declared ? new CommandPlan(command, declared.Timeout?.TotalSeconds, declared.MemoryBytes) : null,
    };

    /// <summary>The plan with the parameters that were found, where some were searched for.</summary>
    private RetrainPlan Learned() => TrainingWork.TunedParameters(_worker.Folder) is { } found ? plan with { Trainer = plan.Trainer with { Parameters = found } } : plan;

    private Task StepDoneAsync(string step)
    {
        _state = _state with { Folder = _worker.Name };
        return SaveAsync(step);
    }

    private async Task SaveAsync(string step)
    {
        _state = _state.Took(step, Stopwatch.GetElapsedTime(_since));
        _since = Stopwatch.GetTimestamp();
        await context.SaveAsync(step, _state.ToBytes());
    }

    private void Report(string step, double within, string? figure = null, double value = 0)
    {
        if (figure is not null)
            _worker.Figures = _worker.Figures.SetItem(figure, value);
        context.Report(step, RetrainSteps.Fraction(step, within), _worker.Figures);
    }

    private OmlError NoRows(ImmutableSortedDictionary<string, long> skipped)
    {
        var passed = skipped.IsEmpty ? "" : $" ({string.Join(", ", skipped.Select(reason => $"{reason.Key}: {reason.Value}"))})";
        var detail = $"The log holds no predictions of model '{plan.Model.Name}' with a truth in the window{passed}; widen the window, or wait for outcomes.";
        return new OmlError(RowChecks.TooFew, 422, detail) { Faults = [new OmlFault(RowChecks.TooFew, detail)] };
    }
}

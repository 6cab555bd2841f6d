using System.Collections.Immutable;
using System.Globalization;
using OrleansMl.Learning;
using OrleansMl.Retraining;
using OrleansMl.Services;
using OrleansMl.Training;

namespace OrleansMl.Jobs.FineTune;

/// <summary>
/// One attempt, step after step: the rows as the network takes them; trunk, passes and network in a process of its own; the comparison, the version, and what becomes
/// of it. Each is saved when it is done, with the hashes of what it wrote; an attempt that comes after another does only what that one had not finished.
/// </summary>
internal sealed class FineTuneRun(FineTunePlan plan, IJobContext context, FineTuneServices services)
{
    private readonly WorkProcess _process = new(context, services.Datasets, services.Options, FineTuneSteps.Fraction);
    private FineTuneCheckpoint _state = FineTuneCheckpoint.Read(context.Checkpoint);

    public async Task<OmlResult<string>> RunAsync()
    {
        await ExtractAsync();
        if (await LearnAsync() is { } unlearned)
            return unlearned;
        var promotion = new HeadPromotion(plan, context, services);
        var compared = await CompareAsync(promotion.Alpha);
        if (!(await RegisterAsync()).TryGet(out var child, out var error))
            return error;
        Report(FineTuneSteps.RollOut);
        if (!(await promotion.DecideAsync(child, compared)).TryGet(out var decision, out error))
            return error;
        await context.LogAsync("information", $"Version {child.Version} is {decision.Word}: {decision.Reason}.");
        return FineTuneResult.Write(plan, context.Spec, child, compared, decision, _state);
    }

    private async Task ExtractAsync()
    {
        if (IsWhole(_state.Rows) && (plan.Old is null || IsWhole(_state.RowsBefore)))
            return;
        Report(FineTuneSteps.Extract);
        var extract = new HeadRowsExtract(plan, context, services);
        var total = (double)plan.Fresh.Rows + (plan.Old?.Rows ?? 0);
        var rows = await extract.WriteAsync(plan.Fresh, Scratch("rows"), read => Report(FineTuneSteps.Extract, read / total));
        var before = plan.Old is { } old ? await extract.WriteAsync(old, Scratch("old"), read => Report(FineTuneSteps.Extract, (plan.Fresh.Rows + read) / total)) : null;
        _state = _state with { Rows = rows, RowsBefore = before, Skipped = extract.Skipped };
        await SaveAsync(FineTuneSteps.Extract);
    }

    private async Task<OmlError?> LearnAsync()
    {
        var work = plan.ToWork(RowsOf(_state.Rows!), _state.RowsBefore is { } before ? RowsOf(before) : null);
        _process.Figures = _process.Figures.SetItem("rows.skipped", _state.Skipped);
        _process.Prepare(Write, FineTuneSteps.After, _state.Folder);
        if (HeadWork.IsDone(_process.Folder, work))
            return null;
        Report(HeadWork.Embed);
        return await _process.RunAsync(HeadWork.Embed, StepDoneAsync);

        void Write(string folder)
        {
            using (var file = File.Create(Path.Combine(folder, HeadPlan.ParentFile)))
                file.Write(plan.Network.Span);
            work.Write(folder);
        }
    }

    private async Task<HeadComparison> CompareAsync(double alpha)
    {
        if (_state.Compared is null)
        {
            var held = NumberTable.Read(Path.Combine(_process.Folder, HeadWork.HeldFile));
            var before = plan.Old is null ? null : NumberTable.Read(Path.Combine(_process.Folder, HeadWork.HeldBeforeFile));
            _state = _state with { Compared = HeadComparison.Of(held, before, alpha), Folder = _process.Name };
        }

        foreach (var (name, value) in _state.Compared.Metrics())
            _process.Figures = _process.Figures.SetItem(name, value);
        Report(FineTuneSteps.Evaluate, 1);

        // What follows leaves the job; the save refuses an attempt that is over.
        await SaveAsync(FineTuneSteps.Evaluate);
        return _state.Compared;
    }

    /// <summary>The same network is the same version, whoever registers it.</summary>
    private async Task<OmlResult<VersionManifest>> RegisterAsync()
    {
        if (_state.Version is { } known && (await services.Control.GetVersionAsync(plan.Version.Model, known, context.Cancellation)).TryGet(out var there, out _))
            return there.Manifest;
        Report(FineTuneSteps.Register);
        var bytes = await File.ReadAllBytesAsync(Path.Combine(_process.Folder, HeadWork.NetworkFile), context.Cancellation);
        var registration = new RegisterVersion(plan.Version.Model, bytes) { Parent = plan.Version.Version, Pipeline = plan.Version.Pipeline, Postprocess = plan.Version.Postprocess, Tags = Tags(), Lineage = Lineage(), MayServe = false };
        var registered = await Patience.AskAsync(() => services.Control.RegisterAsync(registration, context.Cancellation), services.Options.Patience, context.Cancellation);
        if (!registered.TryGet(out var result, out var error))
            return error;
        _state = _state with { Version = result.Version.Manifest.Version };
        await SaveAsync(FineTuneSteps.Register);
        return result.Version.Manifest;
    }

    private VersionLineage Lineage() => new()
    {
        Job = context.JobId,
        Dataset = plan.Fresh.Id,
        DatasetHash = plan.Fresh.Hash,
        Rows = (int)_state.Rows!.Count,
        Application = "",
        Revision = 0,
        Features = 0,
        Trainer = HeadLearners.Type,
        Parameters = context.Spec.Params ?? "{}",
        Seed = plan.Seed,
        Threads = 1,
        Plan = plan.ToWork(RowsOf(_state.Rows), _state.RowsBefore is { } before ? RowsOf(before) : null).Hash(),
        Code = RetrainResult.Code,
    };

    private ImmutableSortedDictionary<string, string> Tags()
    {
        var tags = ImmutableSortedDictionary<string, string>.Empty
            .Add("trainer", HeadLearners.Type)
            .Add("job", context.JobId)
            .Add("dataset", plan.Fresh.Id)
            .Add("dataset.hash", plan.Fresh.Hash)
            .Add("seed", plan.Seed.ToString(CultureInfo.InvariantCulture));
        if (plan.Old is { } old)
            tags = tags.Add("rehearsal", old.Id).Add("rehearsal.hash", old.Hash);
        return plan.Parameters.Classes.IsEmpty ? tags : tags.Add("classes", string.Join(',', plan.Parameters.Classes));
    }

    private Task StepDoneAsync(string step)
    {
        _state = _state with { Folder = _process.Name };
        return SaveAsync(step);
    }

    private Task SaveAsync(string step) => context.SaveAsync(step, _state.ToBytes());

    private void Report(string step, double within = 0) => context.Report(step, FineTuneSteps.Fraction(step, within), _process.Figures);

    private bool IsWhole(ExtractedRows? rows) => rows is not null && services.Datasets.IsWhole(rows.File, rows.Hash);

    private HeadRows RowsOf(ExtractedRows rows) => new(services.Datasets.PathOf(rows.File), rows.Hash);

    private string Scratch(string what) => string.Create(CultureInfo.InvariantCulture, $"{context.JobId}.{context.Attempt}.{what}");
}

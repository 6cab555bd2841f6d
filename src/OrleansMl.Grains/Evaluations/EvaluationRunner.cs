using System.Collections.Immutable;
using OrleansMl.Catalog;
using OrleansMl.Datasets;
using OrleansMl.Jobs;
using OrleansMl.Services;
using OrleansMl.Storage;

namespace OrleansMl.Evaluations;

/// <summary>Evaluates a declared model on its log, or versions of it on a data set; the figures are the job's result.</summary>
internal sealed class EvaluationRunner(
    CatalogCache catalog,
    IControlService control,
    IPredictionLog predictions,
    IDatasetStore datasets,
    VersionScorer scorer,
    JobOptions options) : IJobRunner
{
    public const string KindName = "evaluate";

    public string Kind => KindName;

    public async Task<OmlResult<JobSpec>> PrepareAsync(JobSpec spec, CancellationToken cancellationToken)
    {
        if (!(await PlanAsync(spec, cancellationToken)).TryGet(out var plan, out var error))
            return error;

        // Who scores is decided now, whatever an alias means later.
        return plan.Versions.IsEmpty || !plan.Parameters.Versions.IsEmpty ? spec : spec with { Version = plan.Versions[0], Alias = null };
    }

    public async Task<OmlResult<string>> RunAsync(IJobContext context)
    {
        var spec = context.Spec;
        if (!(await PlanAsync(spec, context.Cancellation)).TryGet(out var plan, out var error))
            return error;
        var seed = spec.Seed ?? 1;
        IRowSource source = plan.Dataset is { } dataset
            ? new DatasetRows(plan.Model, plan.Label, dataset, datasets, options.MaxRowBytes)
            : new LogRows(plan.Model, predictions, plan.From, plan.To);
        OffPolicyRun? policy = null;
        if (plan.Parameters.Policy is { } judged)
        {
            if (await scorer.FindAsync(plan.Model.Name, judged.Version, context.Cancellation) is not { } version)
                return OmlError.NotFound("unknown_version", $"Model '{plan.Model.Name}' has no version {judged.Version} in serving, which the policy needs; load it.");
            policy = new OffPolicyRun(plan.Model, judged, version, scorer, EvaluationRun.Capacity, seed);
        }

        try
        {
            var run = new EvaluationRun(plan.Model, plan.Parameters, plan.Metrics, plan.Versions, seed, scorer);
            return (await run.RunAsync(source, plan.Rescores, policy, context)).TryGet(out var report, out error) ? EvaluationJson.Write(spec, report) : error;
        }
        catch (JobErrorException exception)
        {
            return exception.Error;
        }
        catch (DataFaultException exception)
        {
            return exception.ToError();
        }
        catch (FileNotFoundException exception) when (exception.FileName is { } file)
        {
            return new OmlError("content_missing", 500, $"The file '{file}' is gone; upload the data set again and evaluate anew.");
        }
    }

    public void CleanUp(string jobId)
    {
        // Nothing is written but the result.
    }

    /// <summary>What the job means, checked.</summary>
    private async Task<OmlResult<Plan>> PlanAsync(JobSpec spec, CancellationToken cancellationToken)
    {
        if (spec.Model is not { } name)
            return JobValues.Wrong("model", "missing_member", "An evaluation needs 'model': give the name of a declared model.");
        if (spec.Trainer is not null)
            return JobValues.Wrong("trainer", "invalid", "trainer is for other kinds of jobs; leave it out of an evaluation.");
        if (!EvaluationParams.Read(spec.Params).TryGet(out var parameters, out var error))
            return error;
        if (!EvaluationParams.ReadWindow(spec.Window).TryGet(out var window, out error))
            return error;
        await catalog.Loaded.WaitAsync(cancellationToken);
        if (!catalog.Current.Models.TryGetValue(name, out var model))
            return catalog.Current.UnknownModel(name);
        if (model.Target is not { } target)
            return JobValues.Wrong("model", "no_target", $"Model '{name}' declares no target, so nothing says what is right.");
        if (spec.Dataset is not null && (spec.Window is not null || parameters.Rescore || parameters.Policy is not null))
            return JobValues.Wrong("dataset", "conflict", "dataset excludes window, rescore and policy, which are about the log; leave them out, or the data set.");
        if (parameters.Policy is not null && model.Definition.Candidates is null)
            return JobValues.Wrong("params/policy", "conflict", $"Model '{name}' ranks no candidates, so there is no policy to judge.");

        var metrics = ImmutableArray.CreateBuilder<MetricSpec>();
        foreach (var (text, i) in parameters.Metrics.Select((m, i) => (m, i)))
        {
            if (MetricSpec.Parse(model, text, out var why) is not { } metric)
                return JobValues.Wrong($"params/metrics/{i}", "unknown_metric", why!);
            metrics.Add(metric);
        }

        foreach (var (slice, i) in parameters.Slices.Select((s, i) => (s, i)))
        {
            if (model.Definition.Columns.FirstOrDefault(c => c.Name == slice.Column) is not { } column)
                return JobValues.Wrong($"params/slices/{i}", "unknown_column", $"Model '{name}' has no column '{slice.Column}' (columns: {string.Join(", ", model.Definition.Columns.Select(c => c.Name))}).");
            if (column.IsCategorical && !slice.Bins.IsEmpty)
                return JobValues.Wrong($"params/slices/{i}", "conflict", $"Column '{slice.Column}' holds texts, which have no bins; leave bins out.");
        }

        DatasetRecord? dataset = null;
        var label = parameters.Label ?? target.Name;
        if (spec.Dataset is { } id)
        {
            dataset = await datasets.FindAsync(id, cancellationToken);
            if (dataset is null)
                return DatasetService.Unknown(id);
            if (DatasetRows.WhyNot(model, label, dataset) is { } unfit)
                return unfit;
        }

        var plan = new Plan(model, parameters, metrics.Count == 0 ? MetricSpec.Fitting(model) : metrics.DrainToImmutable(), [], dataset, label, window.From, window.To);
        return (await VersionsAsync(spec, plan, cancellationToken)).TryGet(out var versions, out error) ? plan with { Versions = versions } : error;
    }

    private async Task<OmlResult<ImmutableArray<int>>> VersionsAsync(JobSpec spec, Plan plan, CancellationToken cancellationToken)
    {
        if (!(await control.GetModelAsync(plan.Model.Name, cancellationToken)).TryGet(out var info, out var error))
            return error;
        var versions = plan.Parameters.Versions;
        if (versions.IsEmpty && spec.Version is { } one)
            versions = [one];
        if (versions.IsEmpty && (plan.Rescores || spec.Alias is not null))
        {
            var alias = spec.Alias ?? ServingPlan.Champion;
            if (!info.Aliases.TryGetValue(alias, out var named))
                return OmlError.NotFound("unknown_alias", $"Model '{plan.Model.Name}' has no alias '{alias}' (known: {string.Join(", ", info.Aliases.Keys)}); name versions.");
            versions = [named];
        }

        var judged = plan.Parameters.Policy is { } policy ? versions.Add(policy.Version) : versions;
        foreach (var version in judged.Where(version => info.Versions.All(v => v.Manifest.Version != version)))
            return OmlError.NotFound("unknown_version", $"Model '{plan.Model.Name}' has no version {version} (available: {string.Join(", ", info.Versions.Select(v => v.Manifest.Version))}).");
        return versions;
    }

    private sealed record Plan(CompiledModel Model, EvaluationParams Parameters, ImmutableArray<MetricSpec> Metrics, ImmutableArray<int> Versions, DatasetRecord? Dataset, string Label, DateTime? From, DateTime? To)
    {
        /// <summary>The versions score the rows; else the figures are of what was answered.</summary>
        public bool Rescores => Parameters.Rescore || Dataset is not null;
    }
}

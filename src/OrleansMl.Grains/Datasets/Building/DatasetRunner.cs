using System.Collections.Immutable;
using OrleansMl.Catalog;
using OrleansMl.Evaluations;
using OrleansMl.Jobs;
using OrleansMl.Services;
using OrleansMl.Storage;

namespace OrleansMl.Datasets.Building;

/// <summary>Makes a data set: of a model's logged predictions, or of a spine that is a data set itself.</summary>
internal sealed class DatasetRunner(CatalogCache catalog, IPredictionLog predictions, IIngestService ingest, IDatasetStore datasets, JobOptions options) : IJobRunner
{
    public string Kind => DatasetService.JobKind;

    public bool MakesDatasets => true;

    public async Task<OmlResult<JobSpec>> PrepareAsync(JobSpec spec, CancellationToken cancellationToken)
    {
        if (spec is { Model: null, Params: null, Dataset: not null })
            return OmlError.Invalid("This data set was uploaded; send the file again rather than repeating the job.", "not_supported");
        if (spec.Version is not null || spec.Alias is not null || spec.Trainer is not null || spec.Seed is not null)
            return OmlError.Invalid("version, alias, trainer and seed are for other kinds of jobs; leave them out of a dataset.");
        if (spec.Model is null == spec.Dataset is null)
            return JobValues.Wrong("model", "missing_member", "A data set is made of logged predictions or of a spine: give the model, or the spine's data set, one of the two.");
        return (await PlanAsync(spec, cancellationToken)).TryGet(out _, out var error) ? spec : error;
    }

    public async Task<OmlResult<string>> RunAsync(IJobContext context)
    {
        var planned = await PlanAsync(context.Spec, context.Cancellation);
        if (!planned.TryGet(out var plan, out var error))
            return error;
        try
        {
            DatasetRun run = plan.Spine is { } spine
                ? new SpineDatasetRun(context, spine, plan.Parameters, plan.Features, ingest, datasets, options)
                : new LogDatasetRun(context, plan.Model!, plan.Parameters, plan.From, plan.To, predictions, datasets, options);
            return await run.RunAsync();
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
            return new OmlError("content_missing", 500, $"The file '{file}' is gone; make the data set again.");
        }
    }

    public void CleanUp(string jobId) => datasets.DeleteScratch(jobId + ".");

    private async Task<OmlResult<Plan>> PlanAsync(JobSpec spec, CancellationToken cancellationToken)
    {
        if (!BuildParams.Read(spec.Params).TryGet(out var parameters, out var error) || !EvaluationParams.ReadWindow(spec.Window).TryGet(out var window, out error))
            return error;
        await catalog.Loaded.WaitAsync(cancellationToken);
        if (spec.Model is { } name)
            return PlanLog(name, parameters, window.From, window.To);
        if (spec.Window is not null)
            return JobValues.Wrong("window", "invalid", "A spine says the time of each row itself; leave window out.");
        return await datasets.FindAsync(spec.Dataset!, cancellationToken) is { } spine ? PlanSpine(spine, parameters) : DatasetService.Unknown(spec.Dataset!);
    }

    private OmlResult<Plan> PlanLog(string name, BuildParams parameters, DateTime? from, DateTime? to)
    {
        if (!catalog.Current.Models.TryGetValue(name, out var model))
            return catalog.Current.UnknownModel(name);
        if (model.Target is null)
            return JobValues.Wrong("model", "no_target", $"Model '{name}' declares no target, so its predictions have no outcomes; declare one.");
        if (parameters.EntityType is not null)
            return JobValues.Wrong("params/entityType", "invalid", "entityType belongs to a spine; leave it out.");
        if (parameters.Features.FirstOrDefault(feature => model.Schema.IndexOf(feature) < 0) is { } unknown)
            return JobValues.Wrong("params/features", "unknown_column", $"'{unknown}' is no column of model '{name}' (columns: {string.Join(", ", model.Definition.Columns.Select(column => column.Name))}).");
        return WhyNot(LogDatasetRun.ColumnsOf(model, parameters)) is { } refused ? refused : new Plan(parameters, model, from, to, null, []);
    }

    private OmlResult<Plan> PlanSpine(DatasetRecord spine, BuildParams parameters)
    {
        if (parameters.EntityType is not { } type)
            return JobValues.Wrong("params/entityType", "missing_member", "A spine needs entityType: the type of the entities whose features are joined.");
        if (!catalog.Current.Entities.TryGetValue(type, out var entity))
            return catalog.Current.UnknownEntityType(type);
        if (parameters.Features.IsEmpty)
            return JobValues.Wrong("params/features", "missing_member", "A spine needs features: the names of those to join, such as view:feature or view:*.");
        if (!entity.Plan.TryResolve(parameters.Features, out var selection, out var why))
            return JobValues.Wrong("params/features", "unknown_feature", why);
        var known = spine.Columns.Select(column => column.Name).ToHashSet(StringComparer.Ordinal);
        if (!known.Contains("time") || !(known.Contains("entityId") || known.Contains("entity")))
            return JobValues.Wrong("dataset", "unknown_column", $"Data set '{spine.Id}' lacks a column 'time' or 'entityId', which a spine needs (it has {string.Join(", ", known.Take(20))}).");
        return WhyNot([.. spine.Columns.Select(column => column.Name), .. selection.Names]) is { } refused ? refused : new Plan(parameters, null, null, null, spine, selection.Names);
    }

    /// <summary>A file with two columns of one name cannot be read by names.</summary>
    private static OmlError? WhyNot(ImmutableArray<string> columns)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        return columns.FirstOrDefault(name => !seen.Add(name)) is { } twice
            ? JobValues.Wrong("params/features", "column_taken", $"The data set would have two columns '{twice}'; name the features that are wanted without it.")
            : null;
    }

    private sealed record Plan(BuildParams Parameters, CompiledModel? Model, DateTime? From, DateTime? To, DatasetRecord? Spine, ImmutableArray<string> Features);
}

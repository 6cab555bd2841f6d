using System.Collections.Immutable;
using System.Globalization;
using OrleansMl.Catalog;
using OrleansMl.Datasets;
using OrleansMl.Services;
using OrleansMl.Storage;

namespace OrleansMl.Jobs.BatchPredict;

/// <summary>Scores every row of a data set; the result is another data set.</summary>
internal sealed class BatchPredictRunner(
    CatalogCache catalog,
    IControlService control,
    IInferenceService inference,
    IPredictionService predictions,
    IDatasetStore datasets,
    JobOptions options,
    JobInstruments instruments) : IJobRunner
{
    public const string KindName = "batchPredict";

    public string Kind => KindName;

    public async Task<OmlResult<JobSpec>> PrepareAsync(JobSpec spec, CancellationToken cancellationToken)
    {
        if (spec.Model is null)
            return Missing("model", "the name of the model that scores");
        if (spec.Dataset is null)
            return Missing("dataset", "the id of the data set to score (POST /api/v1/datasets makes one)");
        if (spec.Window is not null || spec.Trainer is not null || spec.Seed is not null)
            return OmlError.Invalid("window, trainer and seed are for other kinds of jobs; leave them out of a batchPredict.");
        if (!BatchPredictParams.Read(spec.Params).TryGet(out var parameters, out var error))
            return error;
        if (await datasets.FindAsync(spec.Dataset, cancellationToken) is not { } dataset)
            return DatasetService.Unknown(spec.Dataset);
        var resolved = await ResolveAsync(spec, cancellationToken);
        if (!resolved.TryGet(out var version, out error))
            return error;
        var ready = spec with { Version = version.Number };
        if (!(await MakeScorerAsync(ready, parameters, dataset, "", cancellationToken)).TryGet(out var scorer, out error))
            return error;
        return ResultWriter.Of(parameters.Format ?? dataset.Format, parameters.Keep, scorer.Columns).WhyNot() is { } why ? OmlError.Invalid(why, "column_taken") : ready;
    }

    public async Task<OmlResult<string>> RunAsync(IJobContext context)
    {
        var spec = context.Spec;
        if (!BatchPredictParams.Read(spec.Params).TryGet(out var parameters, out var error))
            return error;
        if (await datasets.FindAsync(spec.Dataset!, context.Cancellation) is not { } dataset)
            return DatasetService.Unknown(spec.Dataset!);
        var made = await Patience.AskAsync(() => MakeScorerAsync(spec, parameters, dataset, context.JobId, context.Cancellation), options.Patience, context.Cancellation);
        if (!made.TryGet(out var scorer, out error))
            return error;
        try
        {
            return await new ScoringRun(context, scorer, parameters, dataset, datasets, options, instruments).RunAsync();
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
            return new OmlError("content_missing", 500, $"The file '{file}' is gone; upload the data set again and make a new job.");
        }
    }

    public void CleanUp(string jobId) => datasets.DeleteScratch(jobId + ".");

    /// <summary>The version that the job shall use, whatever an alias means later.</summary>
    private async Task<OmlResult<Resolved>> ResolveAsync(JobSpec spec, CancellationToken cancellationToken)
    {
        var found = await control.GetModelAsync(spec.Model!, cancellationToken);
        if (!found.TryGet(out var model, out var error))
            return error;
        if (spec.Version is { } given)
        {
            return model.Versions.Any(v => v.Manifest.Version == given)
                ? new Resolved(given)
                : OmlError.NotFound("unknown_version", $"Model '{spec.Model}' has no version {given} (available: {string.Join(", ", model.Versions.Select(v => v.Manifest.Version))}).");
        }

        if (spec.Alias is { } alias)
        {
            return model.Aliases.TryGetValue(alias, out var named)
                ? new Resolved(named)
                : OmlError.NotFound("unknown_alias", $"Model '{spec.Model}' has no alias '{alias}' (known: {string.Join(", ", model.Aliases.Keys)}).");
        }

        if (model.Aliases.TryGetValue(ServingPlan.Champion, out var champion))
            return new Resolved(champion);

        // Without a champion it is what the serving plan says; a declared model may have no version yet, and the prior answers.
        var described = await inference.DescribeAsync(spec.Model!, null, cancellationToken);
        return described.TryGet(out var served, out error) ? new Resolved(served.Manifest.Version)
            : catalog.Current.Models.ContainsKey(spec.Model!) ? new Resolved(null)
            : error;
    }

    /// <summary>By <c>/api/v1</c> where an application declares the model, else by <c>/v2</c>.</summary>
    private async Task<OmlResult<IRowScorer>> MakeScorerAsync(JobSpec spec, BatchPredictParams parameters, DatasetRecord dataset, string jobId, CancellationToken cancellationToken)
    {
        await catalog.Loaded.WaitAsync(cancellationToken);
        if (catalog.Current.Models.TryGetValue(spec.Model!, out var declared))
            return WhyNot(declared, parameters, dataset) is { } refused ? refused : new EntityScorer(declared, predictions, parameters, spec, jobId, options);
        var described = await inference.DescribeAsync(spec.Model!, spec.Version?.ToString(CultureInfo.InvariantCulture), cancellationToken);
        if (!described.TryGet(out var model, out var error))
            return error;
        return TensorInputs.Map(model, dataset, parameters).TryGet(out var inputs, out error)
            ? new TensorScorer(inference, model, inputs, parameters, options)
            : error;
    }

    private static OmlError? WhyNot(CompiledModel model, BatchPredictParams parameters, DatasetRecord dataset)
    {
        if (model.Definition.Candidates is not null)
            return OmlError.Invalid($"Model '{model.Name}' ranks candidates, which a row of a file cannot say; predict over HTTP.", "not_supported");
        if (!parameters.Columns.IsEmpty)
            return OmlError.Invalid($"Model '{model.Name}' is declared by an application: its inputs are the columns of their names; leave params.columns out.");
        var known = dataset.Columns.Select(c => c.Name).ToHashSet(StringComparer.Ordinal);
        if (parameters.Keep.FirstOrDefault(name => !known.Contains(name)) is { } unknown)
            return OmlError.Invalid($"Data set '{dataset.Id}' has no column '{unknown}' (it has {string.Join(", ", known)}).", "unknown_column");
        if (model.Definition.Entity is { } entity && parameters.Entity is null && !known.Contains(parameters.EntityColumn) && !known.Contains("entity"))
            return OmlError.Invalid($"Model '{model.Name}' is about a '{entity}', and data set '{dataset.Id}' has no column '{parameters.EntityColumn}'; name the column in params.entityColumn, or give params.entity for all rows.", "missing_entity");
        return null;
    }

    private static OmlError Missing(string member, string what)
    {
        var detail = $"A batchPredict needs '{member}': give {what}.";
        return OmlError.Invalid(detail, "missing_member") with { Faults = [new OmlFault("missing_member", detail) { Pointer = "/" + member }] };
    }

    private sealed record Resolved(int? Number);
}

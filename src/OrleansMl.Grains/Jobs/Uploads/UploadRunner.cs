using OrleansMl.Catalog;
using OrleansMl.Datasets;
using OrleansMl.Services;
using OrleansMl.Storage;

namespace OrleansMl.Jobs.Uploads;

/// <summary>Takes a data set in as events, attributes, outcomes or corrections: each row as if it were posted.</summary>
internal sealed class UploadRunner(
    CatalogCache catalog,
    IIngestService ingest,
    IPredictionLog predictions,
    IDatasetStore datasets,
    JobOptions options,
    JobInstruments instruments) : IJobRunner
{
    public string Kind => UploadKinds.JobKind;

    public async Task<OmlResult<JobSpec>> PrepareAsync(JobSpec spec, CancellationToken cancellationToken)
    {
        if (spec.Dataset is null)
        {
            const string Detail = "An upload needs 'dataset': give the id of the data set to take in (POST /api/v1/uploads sends file and kind in one).";
            return OmlError.Invalid(Detail, "missing_member") with { Faults = [new OmlFault("missing_member", Detail) { Pointer = "/dataset" }] };
        }

        if (spec.Model is not null || spec.Version is not null || spec.Alias is not null || spec.Window is not null || spec.Trainer is not null || spec.Seed is not null)
            return OmlError.Invalid("model, version, alias, window, trainer and seed are for other kinds of jobs; leave them out of an upload.");
        if (!UploadParams.Read(spec.Params).TryGet(out var parameters, out var error))
            return error;
        if (await datasets.FindAsync(spec.Dataset, cancellationToken) is not { } dataset)
            return DatasetService.Unknown(spec.Dataset);
        await catalog.Loaded.WaitAsync(cancellationToken);
        return WhyNot(parameters, dataset) is { } refused ? refused : spec;
    }

    public async Task<OmlResult<string>> RunAsync(IJobContext context)
    {
        if (!UploadParams.Read(context.Spec.Params).TryGet(out var parameters, out var error))
            return error;
        if (await datasets.FindAsync(context.Spec.Dataset!, context.Cancellation) is not { } dataset)
            return DatasetService.Unknown(context.Spec.Dataset!);
        await catalog.Loaded.WaitAsync(context.Cancellation);
        RowIntake intake = parameters.Kind switch
        {
            UploadKinds.Events => new EventRows(ingest, catalog, parameters, dataset.Id, options.Patience),
            UploadKinds.Attributes => new AttributeRows(ingest, catalog, parameters, dataset.Format, dataset.Id, options.Patience),
            _ => new OutcomeRows(ingest, catalog, predictions, parameters, dataset.Id, options.Patience),
        };
        try
        {
            return await new UploadRun(context, intake, parameters, dataset, datasets, options, instruments).RunAsync();
        }
        catch (DataFaultException exception)
        {
            return exception.ToError();
        }
        catch (FileNotFoundException exception) when (exception.FileName is { } file)
        {
            return new OmlError("content_missing", 500, $"The file '{file}' is gone; upload the data set again.");
        }
    }

    public void CleanUp(string jobId) => datasets.DeleteScratch(jobId + ".");

    /// <summary>Whether the columns can hold such rows at all; one row without is that row's fault.</summary>
    private OmlError? WhyNot(UploadParams parameters, DatasetRecord dataset)
    {
        var known = dataset.Columns.Select(c => c.Name).ToHashSet(StringComparer.Ordinal);
        if (parameters.EntityType is { } type && !catalog.Current.Entities.ContainsKey(type))
            return catalog.Current.UnknownEntityType(type);
        return parameters.Kind switch
        {
            UploadKinds.Events => Lacks("entityId", "entity") ?? (parameters.EventType is null ? Lacks("type") : null),
            UploadKinds.Attributes => Lacks("entityId", "entity"),
            UploadKinds.Outcomes => Lacks("value") ?? Lacks("predictionId", "target"),
            _ => Lacks("predictionId") ?? Lacks("label", "truth"),
        };

        OmlError? Lacks(params string[] names) => names.Any(known.Contains)
            ? null
            : OmlError.Invalid($"Data set '{dataset.Id}' has no column '{string.Join("' or '", names)}', which {parameters.Kind} need (it has {string.Join(", ", known.Take(20))}).", "unknown_column");
    }
}

using System.Collections.Immutable;
using OrleansMl.Datasets;
using OrleansMl.Inference;
using OrleansMl.Learning;

namespace OrleansMl.Jobs.FineTune;

/// <summary>Learns the head of a registered network on a data set, and registers the network with the new head as a version of it.</summary>
internal sealed class FineTuneRunner(FineTuneServices services) : IJobRunner
{
    public const string KindName = "finetune";

    // The process holds the embeddings of all rows at once: 2 GiB of them.
    private const long MostNumbers = 1L << 29;

    public string Kind => KindName;

    public async Task<OmlResult<JobSpec>> PrepareAsync(JobSpec spec, CancellationToken cancellationToken)
    {
        if (!(await PlanAsync(spec, isTried: true, cancellationToken)).TryGet(out var plan, out var error))
            return error;
        return spec with { Version = plan.Version.Version, Alias = null };
    }

    public async Task<OmlResult<string>> RunAsync(IJobContext context)
    {
        if (!(await Patience.AskAsync(() => PlanAsync(context.Spec, isTried: false, context.Cancellation), services.Options.Patience, context.Cancellation)).TryGet(out var plan, out var error))
            return error;
        try
        {
            return await new FineTuneRun(plan, context, services).RunAsync();
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

    public ValueTask<ImmutableArray<string>> ReadsAsync(JobSpec spec, CancellationToken cancellationToken)
    {
        var rehearsal = FineTuneParams.Read(spec.Params).TryGet(out var parameters, out _) ? parameters.Rehearsal : null;
        return new([.. ((string?[])[spec.Dataset, rehearsal]).OfType<string>()]);
    }

    public void CleanUp(string jobId) => services.Datasets.DeleteScratch(jobId + ".");

    /// <param name="spec">As given.</param>
    /// <param name="isTried">The trunk is loaded once: a job that cannot embed is refused before it is made. The learning itself is another process's.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    private async Task<OmlResult<FineTunePlan>> PlanAsync(JobSpec spec, bool isTried, CancellationToken cancellationToken)
    {
        if (spec.Model is null)
            return Missing("model", "the name of the model whose network is learned on");
        if (spec.Dataset is null)
            return Missing("dataset", "the id of the data set to learn (POST /api/v1/datasets makes one)");
        if (spec.Window is not null || spec.Trainer is not null)
            return OmlError.Invalid("window and trainer are for other kinds of jobs; leave them out of a finetune.");
        if (!FineTuneParams.Read(spec.Params).TryGet(out var parameters, out var error))
            return error;
        await services.Catalog.Loaded.WaitAsync(cancellationToken);
        if (await services.Datasets.FindAsync(spec.Dataset, cancellationToken) is not { } fresh)
            return DatasetService.Unknown(spec.Dataset);
        var old = parameters.Rehearsal is { } id ? await services.Datasets.FindAsync(id, cancellationToken) : null;
        if (parameters.Rehearsal is { } absent && old is null)
            return DatasetService.Unknown(absent);
        if (!(await VersionAsync(spec, cancellationToken)).TryGet(out var version, out error))
            return error;
        if (!(await services.Control.GetArtifactAsync(spec.Model, version.Version, cancellationToken)).TryGet(out var bytes, out error))
            return error;
        try
        {
            var head = HeadFinder.Find(bytes);
            if (isTried)
                TrunkModel.Load(head).Dispose();
            return Check(new FineTunePlan(parameters, version, bytes, head, version.Inputs[0], 0, fresh, old, spec.Seed ?? 1), spec);
        }
        catch (HeadException exception)
        {
            return OmlError.Invalid($"Version {version.Version} of model '{spec.Model}' cannot be fine-tuned: {exception.Message}", exception.Code);
        }
        catch (LearnerException exception)
        {
            return OmlError.Invalid(exception.Message, "invalid_params");
        }
    }

    private static OmlResult<FineTunePlan> Check(FineTunePlan plan, JobSpec spec)
    {
        var (parameters, known) = (plan.Parameters, plan.Head.Start.Classes);
        var classes = parameters.Classes;
        if (!classes.IsEmpty && (classes.Length < known || known == 0 || (plan.Head.Start.Rows == 1 && classes.Length != known)))
        {
            return OmlError.Invalid(
                known == 0 ? $"Model '{spec.Model}' answers a value; leave params.classes out."
                : $"params.classes names {classes.Length} classes and the head of model '{spec.Model}' has {known}{(plan.Head.Start.Rows == 1 ? " in one score, which no class can be added to" : "; name those first and the new ones after them")}.",
                "invalid_classes");
        }

        if (classes.Distinct(StringComparer.Ordinal).Count() != classes.Length)
            return OmlError.Invalid("params.classes names a class twice; give each a name of its own.", "invalid_classes");
        var ready = plan with { Classes = Math.Max(known, classes.Length) };
        ready.CheckLearner();
        foreach (var dataset in ready.Old is { } old ? new[] { ready.Fresh, old } : [ready.Fresh])
        {
            if (HeadInputs.Columns(dataset, parameters, ready.Input.Name, ready.Width).Error is { } unfit)
                return unfit;
            if (dataset.Rows < 2)
                return OmlError.Invalid($"Data set '{dataset.Id}' has {dataset.Rows} rows; at least 2 are needed, as one is held out.", "too_few_rows");
            if (dataset.Rows * ready.Head.Start.DenseCount > MostNumbers)
                return OmlError.Invalid($"Data set '{dataset.Id}' has {dataset.Rows} rows of {ready.Head.Start.DenseCount} numbers behind the trunk, which is over {MostNumbers} numbers; learn it in parts.", "too_large");
        }

        return ready;
    }

    private async Task<OmlResult<VersionManifest>> VersionAsync(JobSpec spec, CancellationToken cancellationToken)
    {
        if (!(await services.Control.GetModelAsync(spec.Model!, cancellationToken)).TryGet(out var model, out var error))
            return error;
        var alias = spec.Alias ?? ServingPlan.Champion;
        if (spec.Version is null && spec.Alias is { } asked && !model.Aliases.ContainsKey(asked))
            return OmlError.NotFound("unknown_alias", $"Model '{spec.Model}' has no alias '{asked}' (known: {string.Join(", ", model.Aliases.Keys)}).");

        // Without a champion the newest that answers: one that was only registered may have been rejected.
        var newest = model.Versions.LastOrDefault(version => version.State != VersionState.Registered) ?? model.Versions.LastOrDefault();
        var number = spec.Version ?? (model.Aliases.TryGetValue(alias, out var named) ? named : newest?.Manifest.Version);
        if (model.Versions.FirstOrDefault(version => version.Manifest.Version == number)?.Manifest is not { } manifest)
            return OmlError.NotFound("unknown_version", $"Model '{spec.Model}' has no version {number?.ToString() ?? "at all"} (available: {string.Join(", ", model.Versions.Select(v => v.Manifest.Version))}).");
        return manifest.Ensemble is null
            ? manifest
            : OmlError.Invalid($"Version {number} of model '{spec.Model}' is an ensemble of others; fine-tune one of those.", "not_supported");
    }

    private static OmlError Missing(string member, string what)
    {
        var detail = $"A finetune needs '{member}': give {what}.";
        return OmlError.Invalid(detail, "missing_member") with { Faults = [new OmlFault("missing_member", detail) { Pointer = "/" + member }] };
    }
}

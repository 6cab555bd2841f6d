using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using OrleansMl.Catalog;
using OrleansMl.Datasets;
using OrleansMl.Declaration;
using OrleansMl.Jobs;
using OrleansMl.Learning;
using OrleansMl.Storage;

namespace OrleansMl.Retraining;

/// <summary>Retrains a declared model, on its log or on a data set: the result is a version, and what became of it.</summary>
internal sealed class RetrainRunner(
    CatalogCache catalog,
    IJobStore jobs,
    RetrainServices services,
    [FromKeyedServices(OmlNames.Clock)] TimeProvider clock) : IJobRunner
{
    public const string KindName = "retrain";

    /// <summary>Jobs that are looked at for another of the same model.</summary>
    private const int Looked = 1000;

    private readonly RetrainPlanner _planner = new(catalog, services.Datasets);

    public string Kind => KindName;

    /// <summary>What is not said is filled in, so that a repeat means the same whatever is declared by then.</summary>
    public async Task<OmlResult<JobSpec>> PrepareAsync(JobSpec spec, CancellationToken cancellationToken)
    {
        if (await services.RepeatedAsync(spec, cancellationToken) is { } before && before.TryGetProperty("dataset", out var dataset))
            spec = spec with { Dataset = dataset.GetString(), Window = null };
        if (!(await _planner.PlanAsync(spec, cancellationToken)).TryGet(out var plan, out var error))
            return error;
        if (await RunningAsync(plan.Model.Name, null, cancellationToken) is { } running)
            return Busy(plan.Model.Name, running);
        return spec with
        {
            Window = plan.Dataset is null ? plan.Window.At(await NowAsync(plan.Model, cancellationToken)).ToJson() : null,
            Params = plan.Parameters.ToJson(),
            Trainer = plan.Trainer.ToJson(),
            Seed = plan.Seed,
        };
    }

    public async Task<OmlResult<string>> RunAsync(IJobContext context)
    {
        if (!(await _planner.PlanAsync(context.Spec, context.Cancellation)).TryGet(out var plan, out var error))
            return error;

        // Two that were made in the same moment: the older one goes on.
        if (await RunningAsync(plan.Model.Name, context.JobId, context.Cancellation) is { } running)
            return Busy(plan.Model.Name, running);
        try
        {
            return await new RetrainRun(plan, context, services).RunAsync();
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
            return new OmlError("content_missing", 500, $"The file '{file}' is gone; retrain anew.");
        }
    }

    /// <summary>The trainers here give the same for the same; of a program of the user's own nobody knows.</summary>
    public Repeatability? RepeatabilityOf(JobStatus status)
    {
        if (status.Spec.Trainer is not { } json || !RetrainTrainer.Read(json).TryGet(out var trainer, out _))
            return null;
        if (TrainerFactory.Find(trainer.Type) is null)
            return new Repeatability(false, $"trainer '{trainer.Type}' is a program of its own, of which nothing is known here");
        return status.State == JobState.Succeeded ? new Repeatability(true, null) : new Repeatability(false, "it has no result to be repeated");
    }

    /// <summary>A repeat learns from the data set of the first, and holds it against the same sample.</summary>
    public async ValueTask<ImmutableArray<string>> ReadsAsync(JobSpec spec, CancellationToken cancellationToken)
    {
        var result = await services.RepeatedAsync(spec, cancellationToken);
        return [.. ((string?[])[spec.Dataset ?? DatasetOf(result), DatasetOf(Member(result, ServedSample.Member))]).OfType<string>()];

        static string? DatasetOf(JsonElement? element) => Member(element, "dataset")?.GetString();
        static JsonElement? Member(JsonElement? element, string name) =>
            element is { ValueKind: JsonValueKind.Object } whole && whole.TryGetProperty(name, out var member) && member.ValueKind != JsonValueKind.Null ? member : null;
    }

    public void CleanUp(string jobId) => services.Datasets.DeleteScratch(jobId + ".");

    /// <summary>Another job that retrains the model and has not ended; where one asks for itself, an older one.</summary>
    private async Task<string?> RunningAsync(string model, string? self, CancellationToken cancellationToken) =>
        (await jobs.ListOpenAsync(Looked, cancellationToken))
            .FirstOrDefault(row => row.Kind == KindName && row.Model == model && (self is null || string.CompareOrdinal(row.Id, self) < 0))?.Id;

    /// <summary>The end of the log, on the clock that its times are of.</summary>
    private async Task<DateTime> NowAsync(CompiledModel model, CancellationToken cancellationToken)
    {
        if (model.Clock == Clock.Wall)
            return clock.GetUtcNow().UtcDateTime;
        var newest = await services.Predictions.ListAsync(new PredictionFilter { Model = model.Name, NewestFirst = true, Limit = 1 }, cancellationToken);
        return newest.Count > 0 ? newest[0].Time : clock.GetUtcNow().UtcDateTime;
    }

    private static OmlError Busy(string model, string job) =>
        OmlError.Conflict($"Job {job} retrains model '{model}' already; wait for its end, or cancel it.", job, "retraining_running");
}

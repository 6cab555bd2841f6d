using System.Collections.Immutable;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Runtime;
using OrleansMl.Declaration;

namespace OrleansMl.Catalog;

/// <inheritdoc cref="ICatalogGrain"/>
[GrainType("oml.catalog"), KeepAlive]
internal sealed class CatalogGrain(
    [PersistentState("catalog", OmlNames.Storage)] IPersistentState<CatalogState> state,
    [FromKeyedServices(OmlNames.Clock)] TimeProvider clock,
    IHostApplicationLifetime lifetime) : Grain, ICatalogGrain
{
    private readonly ChangeSignal _changed = new(lifetime);

    /// <summary>What is stored: readers interleave with a write, and must not see what it may yet take back.</summary>
    private CatalogSnapshot _published = CatalogSnapshot.Empty;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _published = Snapshot();
        return Task.CompletedTask;
    }

    public async Task<OmlResult<ApplyResult>> ApplyAsync(ApplyRequest request)
    {
        var read = ApplicationReader.Read(request.Source);
        if (read.Definition is not { } next)
            return InvalidApplication(read);

        var current = state.State.Applications.Find(a => a.Name == next.Name);
        var conflict = FindForeignOwner(next);
        if (conflict is not null)
            return conflict;

        var before = current is null ? null : ApplicationReader.ReadApplied(current.Source).Definition;
        var diff = ApplicationDiff.Compare(before, next);
        if (diff.IsIncompatible && !request.AllowReset)
        {
            return OmlError.Conflict(
                $"Application '{next.Name}' would end what was learned: {string.Join("; ", diff.Incompatible.Select(c => $"{c.Kind} '{c.Name}': {c.Detail}"))}. " +
                "Apply with allow=reset to start a new lineage (the old versions are kept), or give the model a new name.",
                current?.Revision.ToString(System.Globalization.CultureInfo.InvariantCulture),
                "incompatible_change");
        }

        ImmutableArray<CatalogChange> changes = [.. diff.Changes.Select(c => new CatalogChange(c.Action, c.Kind, c.Name, c.KeepsState, c.Detail))];
        var unchanged = current is not null && changes.All(c => c.Action == "none");
        var revision = unchanged ? current!.Revision : (current?.Revision ?? 0) + 1;
        if (!request.DryRun && !(unchanged && current!.Source == request.Source))
        {
            var lineages = NextLineages(current, next, [.. diff.ResetModels, .. diff.Changes.Where(c => c is { Action: "create", Kind: "learner" or "model" }).Select(c => c.Name)]);
            var applied = new AppliedApplication(next.Name, revision, request.Source, clock.GetUtcNow().UtcDateTime, lineages);
            await ChangeAsync(s =>
            {
                s.Applications.RemoveAll(a => a.Name == next.Name);
                s.Applications.Add(applied);
            });
        }

        return new ApplyResult(next.Name, revision, current is null, changes) { CatalogRevision = state.State.Revision };
    }

    public async Task<OmlResult<ApplyResult>> DeleteAsync(string application)
    {
        var current = state.State.Applications.Find(a => a.Name == application);
        if (current is null)
            return UnknownApplication(application);
        await ChangeAsync(s =>
        {
            s.Applications.RemoveAll(a => a.Name == application);
            foreach (var (model, lineage) in current.Lineages)
                s.EndedLineages[model] = Math.Max(lineage, s.EndedLineages.GetValueOrDefault(model));
        });
        return new ApplyResult(application, current.Revision, false, [new CatalogChange("delete", "application", application, false, null)])
        {
            CatalogRevision = state.State.Revision,
        };
    }

    public async Task AddModelAsync(string model)
    {
        if (!state.State.RegisteredModels.Contains(model))
            await ChangeAsync(s => s.RegisteredModels.Add(model));
    }

    public Task<CatalogSnapshot> GetAsync() => Task.FromResult(_published);

    public async Task<CatalogSnapshot> WaitAsync(long afterRevision, CancellationToken cancellationToken)
    {
        if (_published.Revision <= afterRevision)
            await _changed.WaitAsync(cancellationToken);
        return _published;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _changed.Raise();
        return Task.CompletedTask;
    }

    private CatalogSnapshot Snapshot() => new(state.State.Revision, [.. state.State.Applications])
    {
        RegisteredModels = [.. state.State.RegisteredModels],
    };

    private async Task ChangeAsync(Action<CatalogState> change)
    {
        var applications = state.State.Applications.ToList();
        var models = state.State.RegisteredModels.ToList();
        var ended = new Dictionary<string, int>(state.State.EndedLineages);
        change(state.State);
        state.State.Revision++;
        try
        {
            await state.WriteStateAsync();
        }
        catch
        {
            // What is published is what is stored.
            (state.State.Applications, state.State.RegisteredModels, state.State.EndedLineages) = (applications, models, ended);
            state.State.Revision--;
            throw;
        }

        _published = Snapshot();
        _changed.Raise();
    }

    /// <summary>
    /// A lineage begins with the model and begins anew where a change resets its learner or its labels, or brings one back: also one that
    /// a deleted application had, or another application has given up.
    /// </summary>
    private ImmutableDictionary<string, int> NextLineages(AppliedApplication? current, ApplicationDefinition next, ImmutableArray<string> reset)
    {
        var lineages = current?.Lineages ?? ImmutableDictionary<string, int>.Empty;
        foreach (var model in next.Models)
        {
            if (!lineages.TryGetValue(model.Name, out var lineage))
                lineages = lineages.SetItem(model.Name, LastLineage(model.Name) + 1);
            else if (reset.Contains(model.Name))
                lineages = lineages.SetItem(model.Name, lineage + 1);
        }

        return lineages;
    }

    private int LastLineage(string model) =>
        state.State.Applications.Select(a => a.Lineages.GetValueOrDefault(model)).Append(state.State.EndedLineages.GetValueOrDefault(model)).Max();

    /// <summary>Names of entities, events, views and models belong to one application each.</summary>
    private OmlError? FindForeignOwner(ApplicationDefinition next)
    {
        foreach (var other in state.State.Applications)
        {
            if (other.Name == next.Name || ApplicationReader.ReadApplied(other.Source).Definition is not { } definition)
                continue;
            var shared = next.Entities.Select(e => ("entity", e.Name)).Intersect(definition.Entities.Select(e => ("entity", e.Name)))
                .Concat(next.Events.Select(e => ("event", e.Name)).Intersect(definition.Events.Select(e => ("event", e.Name))))
                .Concat(next.Views.Select(v => ("view", v.Name)).Intersect(definition.Views.Select(v => ("view", v.Name))))
                .Concat(next.Models.Select(m => ("model", m.Name)).Intersect(definition.Models.Select(m => ("model", m.Name))))
                .FirstOrDefault();
            if (shared.Item1 is { } kind)
                return OmlError.Conflict($"The {kind} '{shared.Item2}' belongs to application '{other.Name}'; choose another name, or declare both in one application.", other.Name, "name_taken");
        }

        return null;
    }

    internal static OmlError UnknownApplication(string application) =>
        OmlError.NotFound("unknown_application", $"There is no application '{application}'. Apply its file first, or list GET /api/v1/applications.");

    internal static OmlError InvalidApplication(ReadResult read)
    {
        var first = read.Faults[0];
        var more = read.Faults.Length > 1 ? $" (and {read.Faults.Length - 1} more)" : "";
        return OmlError.Invalid($"The application is not valid: line {first.Line}, column {first.Column}: {first.Detail}{more}", "invalid_application") with
        {
            Faults = [.. read.Faults.Select(f => new OmlFault(f.Code, f.Detail) { Pointer = f.Path, Line = f.Line, Column = f.Column })],
        };
    }
}

using System.Collections.Immutable;
using OrleansMl.Inference;
using OrleansMl.Services;

namespace OrleansMl.Serving;

/// <summary>
/// Sends a request to a replica of its version: to the one here, without a hop, while its next batch has room, else by the power
/// of two choices. The replica has the last word: one that rejects, or is gone, costs the request another try elsewhere.
/// Requests of a sequence go where it was begun.
/// </summary>
internal sealed class ReplicaRouter(ReplicaHost host, ReplicaDirectory directory, ServingOptions options, RoutingInstruments instruments)
{
    /// <summary>Replicas that one request tries.</summary>
    private const int MaxTries = 4;

    /// <summary>This silo loads versions.</summary>
    public bool ServesHere => options.Serves;

    /// <summary>There is no other silo to send anything to, and nothing has to be sent.</summary>
    public bool IsAlone => options.Serves && directory.IsAlone;

    /// <summary>Another silo may answer for this version, or must.</summary>
    public bool MayRoute(ModelVersionId id) => !options.Serves || directory.IsElsewhere(id);

    /// <summary>Runs a request on a replica of one version.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="version">The version that it means.</param>
    /// <param name="isSequence">The model works on sequences.</param>
    /// <param name="here">Runs it in this process, loading the version if need be.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<OmlResult<InferResult>> InferAsync(InferRequest request, int version, bool isSequence, Func<Task<OmlResult<InferResult>>> here, CancellationToken cancellationToken)
    {
        var id = new ModelVersionId(request.Model, version);
        var sequence = isSequence ? request.Parameters.Sequence : null;
        OmlError? last = null;
        var isTriedHere = sequence is null && options.Serves && host.HasRoom(id);
        if (isTriedHere)
        {
            // As most requests are answered: with nothing to choose from and nothing to gather.
            var answer = await here();
            if (answer.TryGet(out _, out var error) || !ReplicaErrors.IsRejection(error))
                return answer;
            last = error;
        }

        var candidates = CandidatesOf(id, withLocal: !isTriedHere);
        for (var tries = isTriedHere ? 1 : 0; tries < MaxTries && candidates.Count > 0; tries++)
        {
            var place = sequence is { } key
                ? ReplicaChoice.PickByKey(candidates.ConvertAll(c => c.Silo), $"{request.Model}\n{key}")
                : PickByLoad(candidates);
            var chosen = candidates[place];
            candidates.RemoveAt(place);
            var answer = chosen.Remote is { } remote ? await SendAsync(request, id, remote, mayLoad: false, cancellationToken) : await here();
            if (!answer.TryGet(out _, out var error) && ReplicaErrors.IsRejection(error))
                last = error;
            else
                return answer;
        }

        // Nobody has it, or whoever has it said no: where it may be loaded it is, once.
        if (last is null or { Code: ReplicaErrors.NotHere })
            return options.Serves ? await here() : await LoadElsewhereAsync(request, id, cancellationToken);
        return last;
    }

    /// <summary>Scores vectors on another silo, for one that loads no versions.</summary>
    public async Task<OmlResult<ImmutableArray<double>>> ScoreAsync(ModelVersionId id, ImmutableArray<ImmutableArray<Scalar>> vectors, CancellationToken cancellationToken)
    {
        var candidates = CandidatesOf(id, withLocal: false);
        var message = new ReplicaVectors(id, vectors);
        OmlError? last = null;
        for (var tries = 0; tries < MaxTries; tries++)
        {
            string silo;
            if (candidates.Count > 0)
            {
                var place = PickByLoad(candidates);
                silo = candidates[place].Silo;
                candidates.RemoveAt(place);
            }
            else if (tries == 0 && await directory.WaitForServersAsync(cancellationToken) is { IsEmpty: false } servers)
            {
                silo = servers[ReplicaChoice.PickByKey(servers, id.ToGrainKey())];
            }
            else
            {
                break;
            }

            try
            {
                var scored = await directory.Grain(silo).ScoreAsync(message, cancellationToken);
                if (!scored.TryGet(out _, out var error) && ReplicaErrors.IsRejection(error))
                    last = error;
                else
                    return scored;
            }
            catch (Exception exception) when (Unavailability.Explain(exception) is { } unavailable)
            {
                directory.Suspect(silo);
                last = unavailable;
            }
        }

        return last is null or { Code: ReplicaErrors.NotHere } ? ReplicaErrors.NoReplica(id) : last;
    }

    /// <summary>
    /// Loads and warms a version where it may be served, by the configuration that it will be served with: here, else on another
    /// silo. One that has the devices proves more than one that falls back from them.
    /// </summary>
    public async Task<VersionProof> ProveAsync(VersionManifest manifest, string? configuration)
    {
        var best = options.Serves ? await host.ProveAsync(manifest, configuration) : null;
        if (best is { IsWhole: true })
            return best;
        foreach (var silo in (options.Serves ? directory.Servers : await directory.WaitForServersAsync(CancellationToken.None)).Take(MaxTries))
        {
            try
            {
                var proof = await directory.Grain(silo).ProveAsync(manifest, configuration);
                if (proof.IsWhole)
                    return proof;
                if (best is null || (best.Refusal is not null && proof.Refusal is null))
                    best = proof;
            }
            catch (Exception exception) when (Unavailability.Explain(exception) is { } unavailable)
            {
                directory.Suspect(silo);
                best ??= new VersionProof(unavailable.Detail, null);
            }
        }

        return best ?? new VersionProof("no silo that serves is up (Serving:Serves)", null);
    }

    private List<Candidate> CandidatesOf(ModelVersionId id, bool withLocal)
    {
        var candidates = directory.Of(id).Select(r => new Candidate(r.Silo, r, r.Load)).ToList();
        if (withLocal && options.Serves && host.IsAvailable(id))
            candidates.Add(new Candidate(directory.Self, null, host.LoadOf(id)));
        return candidates;
    }

    private static int PickByLoad(List<Candidate> candidates)
    {
        Span<int> loads = candidates.Count <= 64 ? stackalloc int[candidates.Count] : new int[candidates.Count];
        for (var i = 0; i < loads.Length; i++)
            loads[i] = candidates[i].Load;
        return ReplicaChoice.Pick(loads, candidates.FindIndex(c => c.Remote is null), Random.Shared);
    }

    private async Task<OmlResult<InferResult>> LoadElsewhereAsync(InferRequest request, ModelVersionId id, CancellationToken cancellationToken)
    {
        var servers = await directory.WaitForServersAsync(cancellationToken);
        if (servers.IsEmpty)
            return ReplicaErrors.NoReplica(id);
        var silo = servers[ReplicaChoice.PickByKey(servers, id.ToGrainKey())];
        return await SendAsync(request, id, new RemoteReplica(silo, directory.Grain(silo)), mayLoad: true, cancellationToken);
    }

    private async Task<OmlResult<InferResult>> SendAsync(InferRequest request, ModelVersionId id, RemoteReplica replica, bool mayLoad, CancellationToken cancellationToken)
    {
        replica.Sent();
        ReplicaReply reply;
        try
        {
            reply = await replica.Grain.InferAsync(ReplicaRequest.Of(request, id, mayLoad), cancellationToken);
        }
        catch (Exception exception) when (Unavailability.Explain(exception) is { } unavailable)
        {
            // An answer that takes too long was on its way: the silo lives, and the request is not to be run twice.
            instruments.Count(id.Model, "failed");
            if (exception is TimeoutException)
                return unavailable with { Code = RejectionReasons.QueueTimeout };
            directory.Suspect(replica.Silo);
            return unavailable;
        }

        replica.Load = reply.Load;
        if (reply.Error is { } error)
        {
            instruments.Count(id.Model, ReplicaErrors.IsRejection(error) ? "rejected" : "answered");
            return error;
        }

        instruments.Count(id.Model, "answered");
        return new InferResult(id.Model, reply.Version, TensorMessage.ToTensors(reply.Outputs));
    }

    private readonly record struct Candidate(string Silo, RemoteReplica? Remote, int Load);
}

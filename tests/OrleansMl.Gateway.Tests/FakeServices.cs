using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using OrleansMl.Inference;
using OrleansMl.Services;
using OrleansMl.Storage;
using OrleansMl.Wire;

namespace OrleansMl.Gateway.Tests;

/// <summary>Ingest in memory: accepts what has a new id, says duplicate for an old one.</summary>
internal sealed class FakeIngest : IIngestService
{
    public ConcurrentDictionary<string, IngestEvent> Events { get; } = new();

    public ConcurrentDictionary<string, IngestOutcome> Outcomes { get; } = new();

    public ConcurrentDictionary<EntityId, ImmutableArray<NamedValue>> Attributes { get; } = new();

    public (EntityId Entity, FeatureQuery Query) LastRead { get; private set; }

    /// <summary>Runs before an append; to hold it.</summary>
    public Func<Task>? BeforeAppend { get; set; }

    public int Appends;

    public async Task<IngestResult> AppendEventsAsync(IReadOnlyList<IngestEvent> events, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref Appends);
        if (BeforeAppend is { } wait)
            await wait();
        var items = events.Select(item => item switch
        {
            { Type: "undeclared" } => new AppendOutcome(AppendStatus.Rejected, 0, new OmlFault("unknown_event", "There is no event 'undeclared'.") { Pointer = "/type" }),
            { Type: "moving" } => new AppendOutcome(AppendStatus.Rejected, 0, new OmlFault("not_ready", "The features of client/c are moving; send the batch again.")),
            _ when Events.TryAdd(item.Id, item) => new AppendOutcome(AppendStatus.Accepted, 1, null),
            _ => new AppendOutcome(AppendStatus.Duplicate, 1, null),
        }).ToImmutableArray();
        return new IngestResult(items, events.DistinctBy(item => item.Entity).Count() == 1 ? 7 : null);
    }

    public Task<OmlResult<AppendOutcome>> SetAttributesAsync(EntityId entity, ImmutableArray<NamedValue> attributes, string? id, CancellationToken cancellationToken)
    {
        Attributes[entity] = attributes;
        return Task.FromResult<OmlResult<AppendOutcome>>(new AppendOutcome(AppendStatus.Accepted, 3, null));
    }

    public Task<OmlResult<FeatureReading>> ReadFeaturesAsync(EntityId entity, FeatureQuery query, CancellationToken cancellationToken)
    {
        LastRead = (entity, query);
        if (entity.Type == "nothing")
            return Task.FromResult<OmlResult<FeatureReading>>(OmlError.NotFound("unknown_entity_type", "There is no entity type 'nothing'."));
        var features = query.Features.Select(name => new FeatureValue(name, Scalar.Of(1.5), FeatureStatus.Present, Samples.Time, false)).ToImmutableArray();
        return Task.FromResult<OmlResult<FeatureReading>>(new FeatureReading(entity, query.AsOf ?? Samples.Time, 9, features));
    }

    public Task<OmlResult<FeatureReading>> ReadAttributesAsync(EntityId entity, CancellationToken cancellationToken)
    {
        var features = Attributes.GetValueOrDefault(entity, []).Select(value => new FeatureValue($"{entity.Type}.{value.Name}", value.Value, FeatureStatus.Present, Samples.Time, false)).ToImmutableArray();
        return Task.FromResult<OmlResult<FeatureReading>>(new FeatureReading(entity, Samples.Time, 3, features));
    }

    public Task<ImmutableArray<OutcomeResult>> RecordOutcomesAsync(IReadOnlyList<IngestOutcome> outcomes, CancellationToken cancellationToken)
        => Task.FromResult(outcomes.Select(item => Outcomes.TryAdd(item.Id, item)
            ? new OutcomeResult(OutcomeStatus.Joined, ["p"], null)
            : new OutcomeResult(OutcomeStatus.Duplicate, [], null)).ToImmutableArray());
}

/// <summary>Answers with the inputs it got.</summary>
internal sealed class FakePredictions : IPredictionService
{
    public ConcurrentQueue<PredictRequest> Requests { get; } = new();

    public double Score { get; set; } = 0.1;

    public Task<OmlResult<PredictResponse>> PredictAsync(PredictRequest request, CancellationToken cancellationToken)
    {
        Requests.Enqueue(request);
        if (request.Model == "crash")
            throw new InvalidTimeZoneException("a fault of the server");
        if (request.Model == "full")
            return Task.FromResult<OmlResult<PredictResponse>>(OmlError.Unavailable("queue_full", "The queue of 'full' has 64 rows; the limit is 64. Ask again."));
        if (request.Model is not "electricity")
            return Task.FromResult<OmlResult<PredictResponse>>(OmlError.NotFound("unknown_model", $"There is no model '{request.Model}'."));
        return Task.FromResult<OmlResult<PredictResponse>>(new PredictResponse
        {
            PredictionId = "0190" + Requests.Count,
            Model = request.Model,
            Version = request.RequestId == "prior" ? null : 2,
            Label = "UP",
            Score = Score,
            Values = [new("DOWN", Scalar.Of(0.9)), new("UP", Scalar.Of(0.1))],
            Fallback = request.RequestId == "prior" ? "prior" : null,
            Sequence = 41,
            Explanation = request.IncludeExplanation ? new Explanation("occlusion", 0.1, null, [new("now:price", Scalar.Of(0.25), -0.4), new("day", Scalar.Missing, null)]) : null,
            Features = request.IncludeFeatures ? [new("now:price", Scalar.Of(0.25), FeatureStatus.Expired, Samples.Time, true)] : [],
        });
    }
}

/// <summary>The model <c>simple</c>: OUTPUT0 = INPUT0 + INPUT1, OUTPUT1 = INPUT0 − INPUT1; <c>identity</c>: OUT = IN.</summary>
internal sealed class FakeInference : IInferenceService
{
    public bool Ready { get; set; } = true;

    public int Runs;

    public InferParameters? LastParameters { get; private set; }

    public ImmutableArray<string> ListModels() => ["simple", "identity"];

    public Task<OmlResult<ServedModel>> DescribeAsync(string model, string? version, CancellationToken cancellationToken) => Task.FromResult<OmlResult<ServedModel>>((model, version) switch
    {
        ("simple", null or "1" or "champion") => new ServedModel(Samples.Simple, [1, 2], Ready, Ready ? null : "Version 1 of 'simple' is loading."),
        ("identity", _) => new ServedModel(Samples.Simple with { Model = "identity", Inputs = [new("IN", "FP32", [-1])] }, [1], Ready, null),
        ("text", _) => new ServedModel(Samples.Simple with { Model = "text", Inputs = [new("IN", "BYTES", [1])] }, [1], Ready, null),
        ("simple", _) => OmlError.NotFound("unknown_version", $"Model 'simple' has no version '{version}' (available: 1, 2)."),
        _ => OmlError.NotFound("unknown_model", $"There is no model '{model}'."),
    });

    public BatchingStatistics? Statistics { get; set; }

    public Task<VersionStatistics?> ReadStatisticsAsync(string model, int version, CancellationToken cancellationToken) =>
        Task.FromResult(model == "simple" && version == 1 && Statistics is { } runs ? new VersionStatistics(runs, new(new(3, 300), new(4, 400))) : null);

    public async Task<OmlResult<InferResult>> InferAsync(InferRequest request, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref Runs);
        var described = await DescribeAsync(request.Model, request.Version, cancellationToken);
        if (!described.TryGet(out _, out var error))
            return error;
        LastParameters = request.Parameters;
        if (request.Model is "identity" or "text")
            return new InferResult(request.Model, 1, [.. request.Inputs]);
        if (request.Inputs.Count != 2 || request.Inputs.Any(input => input.Type != TensorType.Int32) || request.Inputs[0].Data.Length != request.Inputs[1].Data.Length)
            return OmlError.Invalid("Model 'simple' takes INPUT0 and INPUT1, INT32 of equal shapes.");
        return new InferResult("simple", 1, [.. new[] { Combine("OUTPUT0", 1), Combine("OUTPUT1", -1) }.Where(output => request.Outputs.Count == 0 || request.Outputs.Contains(output.Name))]);

        Tensor Combine(string name, int sign)
        {
            var left = MemoryMarshal.Cast<byte, int>(request.Inputs[0].Data.Span);
            var right = MemoryMarshal.Cast<byte, int>(request.Inputs[1].Data.Span);
            var result = new int[left.Length];
            for (var i = 0; i < result.Length; i++)
                result[i] = left[i] + (sign * right[i]);
            return new Tensor(name, TensorType.Int32, request.Inputs[0].Shape, MemoryMarshal.AsBytes(result.AsSpan()).ToArray());
        }
    }
}

/// <summary>A control plane of one model <c>electricity</c> with versions 1 and 2.</summary>
internal sealed class FakeControl : IControlService
{
    public string? NotReady { get; set; }

    public ApplyRequest? LastApply { get; private set; }

    public RegisterVersion? LastRegistration { get; private set; }

    public AliasChange? LastAlias { get; private set; }

    public PromotionRequest? LastPromotion { get; private set; }

    public PredictionListing? LastListing { get; private set; }

    public string? LastCommand { get; private set; }

    public int Logged { get; set; } = 3;

    public Task<OmlResult<ApplyResult>> ApplyAsync(ApplyRequest request, CancellationToken cancellationToken)
    {
        LastApply = request;
        if (request.Source.Contains("broken", StringComparison.Ordinal))
            return Task.FromResult<OmlResult<ApplyResult>>(OmlError.Invalid("The application has 1 fault.") with { Faults = [new("unknown_field", "There is no field 'broken'.") { Line = 3, Column = 7 }] });
        if (request.Source.Contains("incompatible", StringComparison.Ordinal) && !request.AllowReset)
            return Task.FromResult<OmlResult<ApplyResult>>(OmlError.Conflict("The columns of 'electricity' change; send ?allow=reset.", code: "incompatible_change"));
        return Task.FromResult<OmlResult<ApplyResult>>(new ApplyResult("electricity", 1, !request.Source.Contains("again", StringComparison.Ordinal), [new("create", "model", "electricity", true, null)]));
    }

    public Task<OmlResult<ApplyResult>> DeleteApplicationAsync(string application, CancellationToken cancellationToken) => Task.FromResult<OmlResult<ApplyResult>>(
        application == "electricity" ? new ApplyResult(application, 2, false, [new("delete", "model", "electricity", false, null)]) : OmlError.NotFound("unknown_application", "There is none."));

    public CatalogSnapshot GetApplications() => new(1, [new("electricity", 1, "name: electricity\n", Samples.Time, ImmutableDictionary<string, int>.Empty), new("shop", 4, "name: shop\n", Samples.Time, ImmutableDictionary<string, int>.Empty)]);

    public Task<ImmutableArray<ModelInfo>> ListModelsAsync(CancellationToken cancellationToken) => Task.FromResult<ImmutableArray<ModelInfo>>([Samples.Model]);

    public Task<OmlResult<ModelInfo>> GetModelAsync(string model, CancellationToken cancellationToken) => Known(model, Samples.Model);

    public Task<OmlResult<ModelVersionInfo>> GetVersionAsync(string model, int version, CancellationToken cancellationToken) => Version(model, version);

    public Task<OmlResult<RegisterResult>> RegisterAsync(RegisterVersion registration, CancellationToken cancellationToken)
    {
        LastRegistration = registration;
        if (registration.Artifact.Span[0] != 8)
            return Task.FromResult<OmlResult<RegisterResult>>(OmlError.Invalid("The bytes are no ONNX file.", "not_onnx"));
        return Task.FromResult<OmlResult<RegisterResult>>(new RegisterResult(Samples.Model.Versions[1], registration.Artifact.Length > 1));
    }

    public Task<OmlResult<ModelVersionInfo>> DeleteVersionAsync(string model, int version, CancellationToken cancellationToken) => version == 2
        ? Task.FromResult<OmlResult<ModelVersionInfo>>(OmlError.Conflict("Version 2 is champion.", code: "in_use"))
        : Version(model, version);

    public Task<OmlResult<byte[]>> GetArtifactAsync(string model, int version, CancellationToken cancellationToken) => Task.FromResult<OmlResult<byte[]>>(new byte[] { 8, 1, 2 });

    public Task<OmlResult<ModelVersionInfo>> LoadAsync(string model, int version, CancellationToken cancellationToken) => Version(model, version);

    public Task<OmlResult<ModelVersionInfo>> UnloadAsync(string model, int version, CancellationToken cancellationToken) => Version(model, version);

    public Task<OmlResult<AliasResult>> SetAliasAsync(string model, AliasChange change, CancellationToken cancellationToken)
    {
        LastAlias = change;
        return change.Expected == 2
            ? Known(model, new AliasResult(change.Alias, change.Version, 2, 6))
            : Task.FromResult<OmlResult<AliasResult>>(OmlError.Conflict($"The alias names 2, not {change.Expected}.", "2"));
    }

    public TrafficChange? LastTraffic { get; private set; }

    public Task<OmlResult<TrafficResult>> SetTrafficAsync(string model, TrafficChange change, CancellationToken cancellationToken)
    {
        LastTraffic = change;
        return change.Expected == 5
            ? Known(model, new TrafficResult(change.Traffic, 6))
            : Task.FromResult<OmlResult<TrafficResult>>(OmlError.Conflict($"The plan has revision 5, not {change.Expected}.", "5"));
    }

    public Task<OmlResult<Promotion>> PromoteAsync(string model, PromotionRequest request, CancellationToken cancellationToken)
    {
        LastPromotion = request;
        return request.Force ? Known(model, Samples.Promotion) : Task.FromResult<OmlResult<Promotion>>(new OmlError("insufficient_evidence", 422, "12 outcomes; 300 are needed."));
    }

    public Task<OmlResult<Promotion>> RollbackAsync(string model, string by, string? reason, CancellationToken cancellationToken) => Known(model, Samples.Promotion with { By = by, Reason = reason ?? "" });

    public RolloutRequest? LastRollout { get; private set; }

    public Task<OmlResult<Rollout>> StartRolloutAsync(string model, RolloutRequest request, CancellationToken cancellationToken)
    {
        LastRollout = request;
        return request.Candidate == 2
            ? Known(model, Samples.Rollout with { By = request.By })
            : Task.FromResult<OmlResult<Rollout>>(OmlError.Conflict("Rollout 3 of model 'electricity' is under way.", "3", "rollout_running"));
    }

    public Task<OmlResult<Rollout>> CommandRolloutAsync(string model, int id, string command, string by, CancellationToken cancellationToken)
    {
        LastCommand = $"{id} {command}";
        return Known(model, Samples.Rollout);
    }

    public Task<OmlResult<ImmutableArray<Rollout>>> GetRolloutsAsync(string model, CancellationToken cancellationToken) => Known<ImmutableArray<Rollout>>(model, [Samples.Rollout]);

    public Task<OmlResult<ImmutableArray<Promotion>>> GetPromotionsAsync(string model, CancellationToken cancellationToken) => Known<ImmutableArray<Promotion>>(model, [Samples.Promotion]);

    public Task<OmlResult<LearnerStatus>> GetLearnerAsync(string model, CancellationToken cancellationToken) => Known(model, Samples.Learner);

    public Task<OmlResult<LearnerStatus>> CommandLearnerAsync(string model, string command, CancellationToken cancellationToken)
    {
        LastCommand = command;
        return Known(model, Samples.Learner);
    }

    public Task<OmlResult<LoggedPrediction>> GetPredictionAsync(string predictionId, CancellationToken cancellationToken) => Task.FromResult<OmlResult<LoggedPrediction>>(
        predictionId == "p1" ? Samples.Logged(1) : OmlError.NotFound("unknown_prediction", $"There is no prediction '{predictionId}'."));

    public Task<OmlResult<IReadOnlyList<LoggedPrediction>>> ListPredictionsAsync(PredictionListing listing, CancellationToken cancellationToken)
    {
        LastListing = listing;
        var after = int.TryParse(listing.PageToken?[1..], System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : 0;
        IReadOnlyList<LoggedPrediction> found = [.. Enumerable.Range(1, Logged).Where(i => i > after).Take(listing.Limit).Select(Samples.Logged)];
        return Task.FromResult(Ok(found));
    }

    public string? WhyNotReady() => NotReady;

    // a conversion from an interface type is not allowed as an operator, a generic parameter is
    private static OmlResult<T> Ok<T>(T value) => value;

    private static Task<OmlResult<T>> Known<T>(string model, T value) => Task.FromResult<OmlResult<T>>(model == "electricity" ? value : OmlError.NotFound("unknown_model", $"There is no model '{model}'."));

    private static Task<OmlResult<ModelVersionInfo>> Version(string model, int version) => Task.FromResult<OmlResult<ModelVersionInfo>>(
        model == "electricity" && version is 1 or 2 ? Samples.Model.Versions[version - 1] : OmlError.NotFound("unknown_version", $"Model '{model}' has no version {version} (available: 1, 2)."));
}

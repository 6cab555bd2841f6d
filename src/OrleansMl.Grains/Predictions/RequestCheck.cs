using System.Collections.Immutable;
using OrleansMl.Catalog;
using OrleansMl.Services;

namespace OrleansMl.Predictions;

/// <summary>Checks a request against the model's declaration.</summary>
internal static class RequestCheck
{
    /// <summary>Candidates of one request, at most.</summary>
    public const int MaxCandidates = 1000;

    /// <summary>Why the request does not fit; null when it does.</summary>
    public static OmlError? WhyNot(CompiledModel model, PredictRequest request) =>
        WhyNotEntity(model, request) ?? WhyNotCandidates(model, request) ?? WhyNotInputs(model, request);

    private static OmlError? WhyNotEntity(CompiledModel model, PredictRequest request)
    {
        if (model.Definition.Entity is not { } type)
            return request.Entity is null ? null : OmlError.Invalid($"Model '{model.Name}' is about no entity; leave entity out.", "wrong_entity_type");
        if (request.Entity is not { } entity)
            return OmlError.Invalid($"Model '{model.Name}' is about a '{type}': send entity {{\"type\": \"{type}\", \"id\": …}}.", "missing_entity");
        return entity.Type == type ? null : OmlError.Invalid($"Model '{model.Name}' is about a '{type}', not a '{entity.Type}'.", "wrong_entity_type");
    }

    private static OmlError? WhyNotCandidates(CompiledModel model, PredictRequest request)
    {
        if (model.Definition.Candidates is not { } type)
            return request.Candidates.IsEmpty ? null : OmlError.Invalid($"Model '{model.Name}' ranks no candidates; leave candidates out.", "no_candidates");
        if (request.Candidates.IsEmpty)
            return OmlError.Invalid($"Model '{model.Name}' ranks candidates of type '{type}': send candidates [{{\"entity\": {{\"type\": \"{type}\", \"id\": …}}}}].", "missing_candidates");
        if (request.Candidates.Length > MaxCandidates)
            return OmlError.Invalid($"{request.Candidates.Length} candidates are too many; send at most {MaxCandidates}.", "too_many_candidates");
        var seen = new HashSet<EntityId>();
        for (var i = 0; i < request.Candidates.Length; i++)
        {
            var candidate = request.Candidates[i].Entity;
            if (candidate.Type != type)
                return AtCandidate(i, "wrong_entity_type", $"Model '{model.Name}' ranks candidates of type '{type}', not '{candidate.Type}'.");
            if (!seen.Add(candidate))
                return AtCandidate(i, "repeated_candidate", $"Candidate {candidate} comes twice; send each once.");
        }

        return null;

        static OmlError AtCandidate(int index, string code, string detail) =>
            OmlError.Invalid(detail, code) with { Faults = [new OmlFault(code, detail) { Pointer = $"/candidates/{index}/entity" }] };
    }

    private static OmlError? WhyNotInputs(CompiledModel model, PredictRequest request)
    {
        if (WhyNotInputs(model, request.Inputs, "/inputs/") is { } invalid)
            return invalid;
        for (var i = 0; i < request.Candidates.Length; i++)
        {
            if (WhyNotInputs(model, request.Candidates[i].Inputs, $"/candidates/{i}/inputs/") is { } invalidOfCandidate)
                return invalidOfCandidate;
        }

        foreach (var required in model.Definition.Inputs.Where(i => i.Required))
        {
            var given = Has(request.Inputs, required.Name) || (!request.Candidates.IsEmpty && request.Candidates.All(c => Has(c.Inputs, required.Name)));
            if (!given)
                return OmlError.Invalid($"Model '{model.Name}' needs the input '{required.Name}'.", "missing_input");
        }

        return null;
    }

    private static OmlError? WhyNotInputs(CompiledModel model, ImmutableArray<NamedValue> inputs, string pointer)
    {
        foreach (var input in inputs)
        {
            if (FieldRules.WhyNot(model.Inputs, input, "input", "model", model.Name) is { } fault)
                return OmlError.Invalid(fault.Detail, fault.Code) with { Faults = [fault with { Pointer = pointer + input.Name }] };
        }

        return null;
    }

    private static bool Has(ImmutableArray<NamedValue> inputs, string name) => inputs.Any(i => i.Name == name && !i.Value.IsMissing);
}

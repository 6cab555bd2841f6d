using System.Text.Json;
using OrleansMl.Catalog;
using OrleansMl.Outcomes;
using OrleansMl.Predictions;
using OrleansMl.Storage;

namespace OrleansMl.Services;

/// <summary>Reads the prediction log for people: vectors decoded, labels in the terms of their target.</summary>
internal sealed class LoggedPredictions(CatalogCache catalog, IPredictionLog predictions)
{
    public async Task<OmlResult<LoggedPrediction>> FindAsync(string predictionId, CancellationToken cancellationToken) =>
        await predictions.FindAsync(predictionId, cancellationToken) is { } record
            ? await DecodeAllAsync(record, cancellationToken)
            : OmlError.NotFound("unknown_prediction", $"There is no prediction '{predictionId}'.");

    public async Task<OmlResult<IReadOnlyList<LoggedPrediction>>> ListAsync(PredictionListing listing, CancellationToken cancellationToken)
    {
        double? threshold = null;
        Func<PredictionRecord, bool>? wrongBy = null;
        if (listing.Wrong == true)
        {
            if (listing.Model is null || !catalog.Current.Models.TryGetValue(listing.Model, out var model) || model.Target is not { } target)
                return OmlError.Invalid("wrong=true needs model=…, a declared model with a target.", "wrong_needs_model");
            var isRegression = target.Type == Declaration.TargetType.Regression;
            if (isRegression != listing.Error is not null)
            {
                return OmlError.Invalid(isRegression
                    ? $"Model '{model.Name}' predicts a number: say with error=… above which absolute error a prediction is wrong."
                    : $"Model '{model.Name}' predicts a class, so error=… says nothing; leave it out.", "wrong_needs_error");
            }

            threshold = target.Type == Declaration.TargetType.Binary ? new Postprocessor(model.Definition.Postprocess).Threshold : null;
            if (model.AnswerWidth > 1)
                wrongBy = record => IsOfAnotherClass(model, record);
        }

        if (listing.EntityId is not null && listing.EntityType is null)
            return OmlError.Invalid("entityId needs entityType.", "entity_type_missing");
        var filter = new PredictionFilter
        {
            Model = listing.Model,
            Version = listing.Version,
            EntityKey = listing.EntityId is { } id ? new EntityId(listing.EntityType!, id).ToGrainKey() : null,
            EntityKeyPrefix = listing.EntityId is null && listing.EntityType is { } type ? new EntityId(type, "").ToGrainKey() : null,
            From = listing.From,
            To = listing.To,
            State = listing.State,
            WrongAtThreshold = threshold,
            WrongBy = wrongBy,
            WrongAboveError = listing.Wrong == true ? listing.Error : null,
            After = listing.PageToken,
            Limit = listing.Limit,
        };
        var records = await predictions.ListAsync(filter, cancellationToken);
        return records.Select(Decode).ToArray();
    }

    /// <summary>The most probable class as served is not the label's. Of another lineage the places were those of other classes.</summary>
    private static bool IsOfAnotherClass(CompiledModel model, PredictionRecord record) =>
        record.Lineage == model.Lineage && ProbabilityCodec.Judge(record.Decision.Span, record.Label!.Value) is { } answer && answer.Class != (int)record.Label.Value;

    /// <summary>With all labels that came for it.</summary>
    private async Task<LoggedPrediction> DecodeAllAsync(PredictionRecord record, CancellationToken cancellationToken)
    {
        var target = catalog.Current.Models.TryGetValue(record.Model, out var model) ? model.Target : null;
        var history = await LabelHistory.OfAsync(predictions, record, cancellationToken);
        return Decode(record) with { History = [.. history.Labels.Select(l => new LoggedLabel(l, target?.FromLabel(l.Value) ?? Scalar.Of(l.Value)))] };
    }

    private LoggedPrediction Decode(PredictionRecord record)
    {
        var label = Scalar.Missing;
        if (record.Label is { } number)
            label = catalog.Current.Models.TryGetValue(record.Model, out var model) && model.Target is { } target ? target.FromLabel(number) : Scalar.Of(number);
        return new LoggedPrediction(record, record.EntityKey.Length == 0 ? null : EntityId.FromGrainKey(record.EntityKey), VectorCodec.Decode(record.Vector), label)
        {
            Answer = record.Response.IsEmpty ? null : JsonSerializer.Deserialize(record.Response.Span, ResponseJson.Default.PredictResponse),
        };
    }
}

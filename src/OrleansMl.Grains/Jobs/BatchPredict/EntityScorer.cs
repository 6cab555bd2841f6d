using System.Collections.Immutable;
using System.Globalization;
using OrleansMl.Catalog;
using OrleansMl.Datasets;
using OrleansMl.Declaration;
using OrleansMl.Services;
using OrleansMl.Wire;

namespace OrleansMl.Jobs.BatchPredict;

/// <summary>
/// Scores rows as <c>/api/v1/…/predict</c> does: each is a prediction for an entity, with its features, logged. The job's id and the row
/// are the request's id, so that a row that is asked twice, after a crash, gets the same answer and is logged once.
/// </summary>
internal sealed class EntityScorer(CompiledModel model, IPredictionService predictions, BatchPredictParams parameters, JobSpec spec, string jobId, JobOptions options) : IRowScorer
{
    /// <summary>A column each, where an answer names all of them.</summary>
    private readonly ImmutableArray<string> _classes = model.Target is { } target && target.ClassCount() <= PredictionService.NamedClasses ? target.ClassNames() : [];

    public int BatchRows { get; } = parameters.BatchRows is { } rows ? Math.Min(rows, options.EntityRows) : options.EntityRows;

    public ImmutableArray<ResultColumn> Columns =>
    [
        new(null, "predictionId"), new(null, "modelVersion"), new(null, "label"), new(null, "score"),
        .. _classes.Select(name => new ResultColumn("values", name) { CsvName = "values." + name }),
        new(null, "fallback"),
    ];

    public async Task<RowResult[]> ScoreAsync(IReadOnlyList<NumberedRow> rows, CancellationToken cancellationToken) =>
        await Task.WhenAll(rows.Select(row => ScoreAsync(row, cancellationToken)));

    private async Task<RowResult> ScoreAsync(NumberedRow row, CancellationToken cancellationToken)
    {
        if (!ToRequest(row).TryGet(out var request, out var invalid))
            return invalid;
        var answer = await Patience.AskAsync(() => predictions.PredictAsync(request, cancellationToken), options.Patience, cancellationToken);
        if (!answer.TryGet(out var response, out var error))
            return error.Status is 404 or 409 ? throw new JobErrorException(error) : error;
        return (Cell[])
        [
            Cell.Of(response.PredictionId),
            response.Version is { } version ? Cell.Of(version.ToString(CultureInfo.InvariantCulture)) : Cell.Missing,
            response.Label is { } label ? Cell.Of(label) : Cell.Missing,
            response.Score is { } score ? Cell.Of(score) : Cell.Missing,
            .. _classes.Select(name => response.Values.FirstOrDefault(v => v.Name == name).Value is { IsMissing: false } value ? Cell.Of(value.AsNumber()) : Cell.Missing),
            response.Fallback is { } fallback ? Cell.Of(fallback) : Cell.Missing,
        ];
    }

    private OmlResult<PredictRequest> ToRequest(NumberedRow row)
    {
        var values = row.Values;
        EntityId? entity = null;
        if (model.Definition.Entity is { } type)
        {
            var id = parameters.Entity ?? IdOf(values);
            if (id is null)
                return OmlError.Invalid($"The row has no entity: column '{parameters.EntityColumn}' is empty. Name another with params.entityColumn, or give params.entity for all rows.", "missing_entity");
            if (Names.WhyNotId(id) is { } why)
                return OmlError.Invalid($"The entity's id in column '{parameters.EntityColumn}' {why}.", "invalid_id");
            entity = new EntityId(type, id);
        }

        DateTime? time = null;
        var said = values[parameters.TimeColumn];
        if (said.Kind != CellKind.Missing)
        {
            if (!Rfc3339.TryParse(said.Text ?? "", out var parsed))
                return OmlError.Invalid($"Column '{parameters.TimeColumn}' is '{said.Text ?? said.Kind.ToString()}'; give {Rfc3339.Form}.", "invalid_time");
            time = parsed;
        }

        var inputs = ImmutableArray.CreateBuilder<NamedValue>();
        var nested = values["inputs"].Members;
        foreach (var field in model.Definition.Inputs)
        {
            var cell = nested?.Has(field.Name) == true ? nested[field.Name] : values[field.Name];
            if (cell.Kind == CellKind.Missing)
                continue;
            if (!ToScalar(field, cell).TryGet(out var scalar, out var error))
                return error;
            inputs.Add(new NamedValue(field.Name, scalar));
        }

        return new PredictRequest
        {
            Model = model.Name,
            Entity = entity,
            Inputs = inputs.DrainToImmutable(),
            Version = spec.Version,
            EventTime = time,
            RequestId = string.Create(CultureInfo.InvariantCulture, $"job:{jobId}:{row.Number}"),
        };
    }

    /// <summary>Of the entity's column, or of the member <c>entity</c> in the form that predictions have.</summary>
    private string? IdOf(DataRow values)
    {
        var cell = values[parameters.EntityColumn];
        if (cell.Kind == CellKind.Missing && values["entity"] is { Members: { } entity })
            cell = entity["id"];
        return cell.Kind switch
        {
            CellKind.Raw or CellKind.Text => cell.Text,
            CellKind.Number => cell.Number.ToString("R", CultureInfo.InvariantCulture),
            _ => null,
        };
    }

    /// <summary>A cell as a value of a field.</summary>
    internal static OmlResult<Scalar> ToScalar(FieldDefinition field, Cell cell)
    {
        switch (cell.Kind)
        {
            case CellKind.Number:
                return Scalar.Of(cell.Number);
            case CellKind.Bool:
                return Scalar.Of(cell.Number != 0);
            case CellKind.Text:
                return Scalar.Of(cell.Text!);
            case CellKind.Raw when field.Type is FieldType.String or FieldType.Ref:
                return Scalar.Of(cell.Text!);
            case CellKind.Raw when field.Type == FieldType.Bool && cell.Text is "true" or "false" or "1" or "0":
                return Scalar.Of(cell.Text is "true" or "1");
            case CellKind.Raw when field.Type is FieldType.Float or FieldType.Int && double.TryParse(cell.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number):
                return Scalar.Of(number);
            default:
                return OmlError.Invalid($"Input '{field.Name}' is {(cell.Text is { } text ? $"'{text}'" : "a " + cell.Kind.ToString().ToLowerInvariant())}; give a {field.Type.ToString().ToLowerInvariant()}.", "invalid_value");
        }
    }
}

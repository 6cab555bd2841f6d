using System.Collections.Immutable;
using OrleansMl.Datasets;
using OrleansMl.Inference;
using OrleansMl.Services;
using OrleansMl.Storage;

namespace OrleansMl.Jobs.BatchPredict;

/// <summary>Which columns make up which input of a model.</summary>
/// <param name="Name">Of the input.</param>
/// <param name="Type">Of its elements.</param>
/// <param name="Shape">Of one row, without the dimension that counts rows; −1 is free.</param>
/// <param name="Sources">Columns in order; one may hold a list.</param>
internal sealed record TensorInput(string Name, TensorType Type, ImmutableArray<long> Shape, ImmutableArray<string> Sources)
{
    /// <summary>Elements of a row; null: as many as the row has.</summary>
    public int? Elements => Shape.Contains(-1) ? (Sources.Length > 1 ? Sources.Length : null) : (int)Shape.Aggregate(1L, (a, b) => a * b);
}

/// <summary>
/// Finds the columns for a model's inputs: those named in the job; else the column of the input's name, or those of its name with
/// <c>_0</c>, <c>_1</c>, …; else, for a single input of numbers, all columns that are not kept, in order.
/// </summary>
internal static class TensorInputs
{
    public static OmlResult<ImmutableArray<TensorInput>> Map(ServedModel model, DatasetRecord dataset, BatchPredictParams parameters)
    {
        var known = dataset.Columns.Select(c => c.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var name in parameters.Columns.Concat(parameters.Keep))
        {
            if (!known.Contains(name))
                return OmlError.Invalid($"Data set '{dataset.Id}' has no column '{name}' (it has {List(known)}).", "unknown_column");
        }

        if (!parameters.Columns.IsEmpty && model.Inputs.Length != 1)
            return OmlError.Invalid($"Model '{model.Manifest.Model}' has {model.Inputs.Length} inputs, so params.columns does not say which; name the columns after the inputs ({List(model.Inputs.Select(i => i.Name))}).", "invalid");
        var inputs = ImmutableArray.CreateBuilder<TensorInput>();
        foreach (var info in model.Inputs)
        {
            if (!MapOne(model, info, dataset, parameters, known).TryGet(out var input, out var error))
                return error;
            inputs.Add(input);
        }

        return inputs.DrainToImmutable();
    }

    private static OmlResult<TensorInput> MapOne(ServedModel model, TensorInfo info, DatasetRecord dataset, BatchPredictParams parameters, HashSet<string> known)
    {
        if (TensorTypeExtensions.FromProtocolName(info.Datatype) is not { } type)
            return OmlError.Invalid($"Input '{info.Name}' of model '{model.Manifest.Model}' is {info.Datatype}, which no column can be.", "not_supported");
        ImmutableArray<long> shape = model.Config.IsBatched ? [.. info.Shape.Skip(1)] : info.Shape;
        ImmutableArray<string> sources =
            !parameters.Columns.IsEmpty ? parameters.Columns
            : known.Contains(info.Name) ? [info.Name]
            : known.Contains(info.Name + "_0") ? [.. Enumerable.Range(0, known.Count).Select(i => $"{info.Name}_{i}").TakeWhile(known.Contains)]
            : model.Inputs.Length == 1 ? [.. dataset.Columns.Select(c => c.Name).Where(c => !parameters.Keep.Contains(c))]
            : [];
        if (sources.IsEmpty)
            return OmlError.Invalid($"No column is for input '{info.Name}' of model '{model.Manifest.Model}': name one '{info.Name}', or several '{info.Name}_0', '{info.Name}_1', … (data set '{dataset.Id}' has {List(known)}).", "unmapped_input");
        var input = new TensorInput(info.Name, type, shape, sources);
        if (sources.Length > 1 && input.Elements != sources.Length)
        {
            return OmlError.Invalid(
                $"Input '{info.Name}' of model '{model.Manifest.Model}' takes {input.Elements} values a row, and {sources.Length} columns are for it ({List(sources)}); name the right ones in params.columns, or keep the others out with params.keep.",
                "wrong_columns");
        }

        return sources.Length > 1 && shape.Count(d => d < 0) > 1
            ? OmlError.Invalid($"Input '{info.Name}' of model '{model.Manifest.Model}' has several free dimensions; columns cannot fill it.", "not_supported")
            : input;
    }

    private static string List(IEnumerable<string> names)
    {
        string[] all = [.. names];
        return string.Join(", ", all.Take(20)) + (all.Length > 20 ? $" and {all.Length - 20} more" : "");
    }
}

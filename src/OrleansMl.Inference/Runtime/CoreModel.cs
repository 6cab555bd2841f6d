using Microsoft.ML.OnnxRuntime;

namespace OrleansMl.Inference;

/// <summary>
/// A learned model's core graph, which takes what a feature pipeline gives: <c>features</c> FP32 [N,D], and where the
/// pipeline hashes, <c>hashed_indices</c> INT64 [N,K] and <c>hashed_values</c> FP32 [N,K]. It gives <c>probabilities</c>
/// FP32 [N,C], or <c>variable</c> FP32 [N,1] for a number. Buffers and bindings are kept between runs, so scoring a row
/// allocates next to nothing. Thread-safe; <see cref="Dispose"/> only when no run is in flight.
/// </summary>
public sealed class CoreModel : IDisposable
{
    private readonly CoreRunPool _single;
    private readonly CoreRunPool _batches;

    private CoreModel(OnnxModel model, string output, int featureCount, bool isHashed, int outputWidth)
    {
        (Model, OutputName, FeatureCount, IsHashed, OutputWidth) = (model, output, featureCount, isHashed, outputWidth);
        HashedCount = !isHashed ? 0 : model.Signature.FindInput(ExportNames.HashedIndices)!.Shape is [_, var stated] ? stated : -1;
        // Apart, so that a batch does not rebind the buffers of single rows.
        (_single, _batches) = (new CoreRunPool(this), new CoreRunPool(this));
    }

    /// <summary>The model underneath; disposed with this.</summary>
    public OnnxModel Model { get; }

    /// <summary>D: width of <c>features</c>.</summary>
    public int FeatureCount { get; }

    /// <summary>The graph takes hashed features too.</summary>
    public bool IsHashed { get; }

    /// <summary>K: hashed features a row; −1 where the graph takes any number, 0 where it takes none.</summary>
    public long HashedCount { get; }

    /// <summary>Numbers per row: C classes, or 1 for a value.</summary>
    public int OutputWidth { get; }

    /// <summary>It gives probabilities; else a value.</summary>
    public bool IsClassifier => OutputName == ExportNames.Probabilities;

    internal string OutputName { get; }

    /// <summary>Loads a core graph and runs it once to learn its width.</summary>
    /// <exception cref="ModelLoadException">Refused, or not of the form of a core graph.</exception>
    public static CoreModel Load(ReadOnlyMemory<byte> bytes, OnnxModelOptions? options = null)
    {
        var model = OnnxModel.Load(bytes, options);
        try
        {
            return Over(model);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Probability of the positive (second) class, or the value.</summary>
    /// <param name="features">[D].</param>
    /// <param name="hashedIndices">[K]; empty where the graph has no hashed part.</param>
    /// <param name="hashedValues">[K].</param>
    /// <exception cref="InferenceInputException">A length does not fit.</exception>
    /// <exception cref="InferenceRunException">The runtime failed.</exception>
    /// <exception cref="InvalidOperationException">The model has more than two classes: use <see cref="ScoreRows"/>.</exception>
    public float Score(ReadOnlySpan<float> features, ReadOnlySpan<long> hashedIndices = default, ReadOnlySpan<float> hashedValues = default)
    {
        if (OutputWidth > 2)
            throw new InvalidOperationException($"The model has {OutputWidth} classes, so no single score; read all of them.");
        Span<float> output = stackalloc float[OutputWidth];
        ScoreRows(1, features, hashedIndices, hashedValues, output);
        return output[^1];
    }

    /// <summary>Scores rows together.</summary>
    /// <param name="rows">N, ≥ 0.</param>
    /// <param name="features">[N,D], row-major.</param>
    /// <param name="hashedIndices">[N,K].</param>
    /// <param name="hashedValues">[N,K].</param>
    /// <param name="output">[N,<see cref="OutputWidth"/>], written.</param>
    /// <exception cref="InferenceInputException">A length does not fit.</exception>
    /// <exception cref="InferenceRunException">The runtime failed.</exception>
    public void ScoreRows(int rows, ReadOnlySpan<float> features, ReadOnlySpan<long> hashedIndices, ReadOnlySpan<float> hashedValues, Span<float> output)
    {
        ObjectDisposedException.ThrowIf(Model.IsDisposed, this);
        Check(rows, features.Length, hashedIndices.Length, hashedValues.Length, output.Length);
        if (rows == 0)
            return;

        var pool = rows == 1 ? _single : _batches;
        var run = pool.Rent();
        try
        {
            run.Execute(rows, features, hashedIndices, hashedValues, output);
        }
        catch (OnnxRuntimeException exception)
        {
            run.Dispose();
            throw new InferenceRunException($"The model failed on this request: {exception.Message}", exception);
        }
        catch
        {
            run.Dispose();
            throw;
        }

        pool.Return(run);
    }

    public void Dispose()
    {
        _single.Dispose();
        _batches.Dispose();
        Model.Dispose();
    }

    private static CoreModel Over(OnnxModel model)
    {
        var signature = model.Signature;
        if (signature.FindInput(ExportNames.Features) is not { Type: TensorType.Fp32, Shape: [_, >= 0 and <= int.MaxValue and var width] })
            throw NotCore($"an input '{ExportNames.Features}' FP32 [N,D] is needed");
        var isHashed = signature.FindInput(ExportNames.HashedIndices) is not null;
        if (isHashed && (signature.FindInput(ExportNames.HashedIndices) is not { Type: TensorType.Int64 } || signature.FindInput(ExportNames.HashedValues) is not { Type: TensorType.Fp32 }))
            throw NotCore($"'{ExportNames.HashedIndices}' must be INT64 and '{ExportNames.HashedValues}' FP32");
        if (signature.Inputs.Length != (isHashed ? 3 : 1))
            throw NotCore($"it has other inputs than '{ExportNames.Features}', '{ExportNames.HashedIndices}' and '{ExportNames.HashedValues}'");
        var output = signature.FindOutput(ExportNames.Probabilities) is { Type: TensorType.Fp32 } ? ExportNames.Probabilities
            : signature.FindOutput(ExportNames.Variable) is { Type: TensorType.Fp32 } ? ExportNames.Variable
            : throw NotCore($"an output '{ExportNames.Probabilities}' or '{ExportNames.Variable}' FP32 [N,C] is needed");

        var probe = Probe(model, output, (int)width, isHashed);
        if (probe.Shape.Span is not [1, >= 1 and <= 65_536 and var columns])
            throw NotCore($"'{output}' of one row has the shape [{string.Join(',', probe.Shape.ToArray())}], not [1,C]");
        return new CoreModel(model, output, (int)width, isHashed, (int)columns);
    }

    private static Tensor Probe(OnnxModel model, string output, int width, bool isHashed)
    {
        var inputs = new List<Tensor> { new(ExportNames.Features, TensorType.Fp32, new long[] { 1, width }, new byte[4 * width]) };
        if (isHashed)
        {
            var k = Math.Max(1, model.Signature.FindInput(ExportNames.HashedIndices)!.Shape is [_, var stated] ? stated : 1);
            inputs.Add(new Tensor(ExportNames.HashedIndices, TensorType.Int64, new[] { 1, k }, new byte[8 * k]));
            inputs.Add(new Tensor(ExportNames.HashedValues, TensorType.Fp32, new[] { 1, k }, new byte[4 * k]));
        }

        try
        {
            return model.Run(inputs, [output])[0];
        }
        catch (Exception exception) when (exception is InferenceInputException or InferenceRunException)
        {
            throw new ModelLoadException(InspectCodes.UnsupportedType, $"The model is no core graph: a row of zeros fails: {exception.Message}", exception);
        }
    }

    private static ModelLoadException NotCore(string why) => new(InspectCodes.UnsupportedType, $"The model is no core graph: {why}.");

    private void Check(int rows, int features, int indices, int values, int output)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        if (features != (long)rows * FeatureCount)
            throw new InferenceInputException($"{rows} rows of {FeatureCount} features take {(long)rows * FeatureCount} numbers, not {features}.");
        if (indices != values)
            throw new InferenceInputException($"There are {indices} hashed indices and {values} hashed values; send as many of each.");
        if (!IsHashed && indices != 0)
            throw new InferenceInputException($"The model takes no hashed features, {indices} were sent; send none.");
        if (HashedCount >= 0 && indices != rows * HashedCount)
            throw new InferenceInputException($"{rows} rows of {HashedCount} hashed features take {rows * HashedCount} of them, not {indices}.");
        if (rows > 0 && indices % rows != 0)
            throw new InferenceInputException($"{indices} hashed features do not divide among {rows} rows; send as many for each.");
        if (output != (long)rows * OutputWidth)
            throw new InferenceInputException($"{rows} rows give {(long)rows * OutputWidth} numbers; the output has room for {output}.");
    }
}

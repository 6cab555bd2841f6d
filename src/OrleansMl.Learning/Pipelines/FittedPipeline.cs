using System.Buffers;
using System.Collections.Immutable;

namespace OrleansMl.Learning;

/// <summary>
/// A pipeline with everything learned from its training rows. Immutable and thread-safe; transforming allocates nothing.
/// The dense part holds the standing columns of numbers in order; a number still missing at the end is 0, which is the mean
/// after standard_scale, or NaN where the pipeline keeps missing values.
/// </summary>
public sealed class FittedPipeline
{
    private const int RegistersOnStack = 256;

    private readonly PipelineProgram _program;

    internal FittedPipeline(RowSchema schema, ImmutableArray<FittedStage> stages, ImmutableArray<string> warnings, bool keepsMissing)
    {
        (InputSchema, Stages, Warnings, KeepsMissing) = (schema, stages, warnings, keepsMissing);
        _program = PipelineProgram.Compile(schema, stages);
        var text = _program.Standing.FirstOrDefault(column => !column.IsNumber);
        if (text is not null)
            throw new PipelineException($"Column '{text.Name}' is still categorical after the last stage; add one_hot, ordinal or hash for it, or leave it out of the features.");
        DenseNames = [.. _program.Standing.Select(column => column.Name)];
        DenseCategories = [.. _program.Standing.Select(column => column.Categories)];
        HashedNames = [.. _program.HashedNames];
        if (DenseCount + HashedCount == 0)
            throw new PipelineException("The pipeline yields no features; give it at least one column.");
        HashBits = stages.OfType<HashStage>().Select(stage => stage.Bits).FirstOrDefault();
        PortabilityReason = HashBits > 0 ? "hash uses com.microsoft.MurmurHash3"
            : stages.OfType<CrossStage>().Any(stage => stage.IsText) ? "a cross of texts uses StringConcat of opset 20"
            : null;
    }

    /// <summary>Columns of raw rows.</summary>
    public RowSchema InputSchema { get; }

    public ImmutableArray<FittedStage> Stages { get; }

    /// <summary>Names of the dense features, [D].</summary>
    public ImmutableArray<string> DenseNames { get; }

    /// <summary>[D]: of a dense feature that holds codes 0 … n−1 of categories, n; of one that holds a number, 0.</summary>
    public ImmutableArray<int> DenseCategories { get; }

    /// <summary>Numbers still missing at the end are NaN, not 0.</summary>
    public bool KeepsMissing { get; }

    /// <summary>D.</summary>
    public int DenseCount => DenseNames.Length;

    /// <summary>Columns behind the hashed features, [K].</summary>
    public ImmutableArray<string> HashedNames { get; }

    /// <summary>K.</summary>
    public int HashedCount => HashedNames.Length;

    /// <summary>The hashed table has 2^bits places; 0 without hash.</summary>
    public int HashBits { get; }

    /// <summary>What fitting met: constant columns, columns without a value, clamped logarithms.</summary>
    public ImmutableArray<string> Warnings { get; }

    /// <summary>True when the exported graph holds only operators that every ONNX runtime of opset 17 has.</summary>
    public bool Portable => PortabilityReason is null;

    /// <summary>Why the pipeline is not portable; null when it is.</summary>
    public string? PortabilityReason { get; }

    /// <summary>Learns every constant of the stages from the rows, in order.</summary>
    /// <exception cref="PipelineException">A stage does not fit the columns or the rows; names stage, column and remedy.</exception>
    public static FittedPipeline Fit(PipelineSpec spec, RowSchema schema, IReadOnlyList<Row> rows)
        => PipelineFitter.Fit(spec, schema, rows);

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="PipelineException">Not a pipeline of version 1.</exception>
    public static FittedPipeline FromJson(string json) => PipelineJson.Read(json);

    /// <summary>Canonical JSON: equal pipelines give equal text, and the text gives the pipeline back bit for bit.</summary>
    public string ToJson() => PipelineJson.Write(this);

    /// <summary>Transforms one row.</summary>
    /// <param name="row">As <see cref="InputSchema"/> says; NaN, ±∞, null and "" are missing.</param>
    /// <param name="dense">[D], written.</param>
    /// <param name="hashedIndices">[K], written.</param>
    /// <param name="hashedValues">[K], written.</param>
    /// <exception cref="ArgumentException">The row or a span has another length.</exception>
    public void Transform(in Row row, Span<double> dense, Span<int> hashedIndices, Span<double> hashedValues)
    {
        Check(row);
        if (dense.Length != DenseCount || hashedIndices.Length != HashedCount || hashedValues.Length != HashedCount)
            throw new ArgumentException($"The pipeline yields {DenseCount} dense and {HashedCount} hashed features; the spans hold {dense.Length}, {hashedIndices.Length} and {hashedValues.Length}.");

        double[]? rented = null;
        var registers = _program.RegisterCount <= RegistersOnStack
            ? stackalloc double[RegistersOnStack]
            : rented = ArrayPool<double>.Shared.Rent(_program.RegisterCount);
        _program.Run(row, registers);
        _program.WriteDense(registers, dense, KeepsMissing ? double.NaN : 0);
        _program.WriteHashed(row, registers, hashedIndices, hashedValues);
        if (rented is not null)
            ArrayPool<double>.Shared.Return(rented);
    }

    private void Check(in Row row)
    {
        if (row.Numeric.Length != InputSchema.NumericCount || row.Categorical.Length != InputSchema.CategoricalCount)
            throw new ArgumentException($"The row holds {row.Numeric.Length} numbers and {row.Categorical.Length} texts; the pipeline takes {InputSchema.NumericCount} and {InputSchema.CategoricalCount}.", nameof(row));
    }
}

using System.Globalization;
using OrleansMl.Inference;
using OrleansMl.Protocol;
using OrleansMl.Protocol.Configuration;

namespace OrleansMl.Serving;

/// <summary>The configuration that a version is served with: what is stated for the model, completed from the version's signature.</summary>
public sealed class ServedConfig
{
    /// <summary>
    /// What <c>max_batch_size</c> says where none is stated and every tensor has a free first dimension. It bounds nothing: larger
    /// requests are run as they are.
    /// </summary>
    public const int DefaultMaxBatchSize = 64;

    public const string Platform = "onnxruntime_onnx";
    public const string Backend = "onnxruntime";

    /// <summary>Parameter of a configuration: seconds for which answers are kept where <c>response_cache</c> is enabled.</summary>
    public const string ResponseLifeParameter = "response_cache_ttl_seconds";

    public static readonly TimeSpan DefaultResponseLife = TimeSpan.FromSeconds(60);

    private ServedConfig(ModelConfig message, string? stated) => (Message, Stated, ResponseLife) = (message, stated, message.ResponseCache?.Enable == true ? LifeOf(message) : null);

    /// <summary>Complete; not to be changed.</summary>
    public ModelConfig Message { get; }

    /// <summary>What was stated, as JSON; null: nothing, all of it is made from the signature.</summary>
    public string? Stated { get; }

    public bool IsStated => Stated is not null;

    /// <summary>The first dimension of every tensor counts rows.</summary>
    public bool IsBatched => Message.MaxBatchSize > 0;

    /// <summary>How long an answer may be given again; null: the model's answers are not kept.</summary>
    public TimeSpan? ResponseLife { get; }

    /// <summary>Completes what is stated.</summary>
    /// <param name="manifest">Of the version.</param>
    /// <param name="stated">As JSON; null: nothing.</param>
    public static ServedConfig Of(VersionManifest manifest, string? stated)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        // Stored by an earlier or a later program: what is not known is passed over.
        return Complete(manifest, stated is null ? new ModelConfig() : ModelConfigJson.Read(stated, isLenient: true), stated);
    }

    /// <summary>Completes a configuration that is about to be stated.</summary>
    internal static ServedConfig OfStated(VersionManifest manifest, ModelConfig stated) => Complete(manifest, stated.Clone(), "");

    /// <summary>The same with other instances: how it is shown.</summary>
    internal ServedConfig WithInstances(IEnumerable<ModelInstanceGroup> groups)
    {
        var message = Message.Clone();
        message.InstanceGroup.Clear();
        message.InstanceGroup.Add(groups);
        return new ServedConfig(message, Stated);
    }

    private static ServedConfig Complete(VersionManifest manifest, ModelConfig config, string? stated)
    {
        config.Name = manifest.Model;
        if (manifest.Ensemble is { } ensemble)
        {
            // A graph is always stated: it is the version.
            EnsembleConfig.Complete(config, ensemble);
            return new ServedConfig(config, stated ?? ensemble);
        }

        config.Platform = Platform;
        config.Backend = Backend;
        if (config.DefaultModelFilename.Length == 0)
            config.DefaultModelFilename = "model.onnx";
        config.VersionPolicy ??= new ModelVersionPolicy { Latest = new ModelVersionPolicy.Types.Latest { NumVersions = 1 } };
        if (stated is null && manifest.Inputs.Concat(manifest.Outputs).All(t => t.Shape is [-1, ..]))
            config.MaxBatchSize = DefaultMaxBatchSize;
        var hidden = SequenceState.HiddenInputs(config).ToHashSet(StringComparer.Ordinal);
        var kept = SequenceState.HiddenOutputs(config).ToHashSet(StringComparer.Ordinal);
        var skip = config.MaxBatchSize > 0 ? 1 : 0;
        if (config.Input.Count == 0)
            config.Input.Add(manifest.Inputs.Where(t => !hidden.Contains(t.Name)).Select(t => new ModelInput { Name = t.Name, DataType = TypeOf(t), Dims = { t.Shape.Skip(skip) } }));
        if (config.Output.Count == 0)
            config.Output.Add(manifest.Outputs.Where(t => !kept.Contains(t.Name)).Select(t => new ModelOutput { Name = t.Name, DataType = TypeOf(t), Dims = { t.Shape.Skip(skip) } }));
        if (config.InstanceGroup.Count == 0)
            config.InstanceGroup.Add(new ModelInstanceGroup { Name = manifest.Model, Kind = ModelInstanceGroup.Types.Kind.Auto, Count = 1 });
        return new ServedConfig(config, stated);
    }

    /// <summary>Rows of a request; 1 without a batch dimension. A message where the inputs contradict each other or the limit.</summary>
    public OmlResult<int> RowsOf(IReadOnlyList<Tensor> inputs)
    {
        if (!IsBatched || inputs.Count == 0)
            return 1;
        long? rows = null;
        foreach (var input in inputs)
        {
            // A shape that does not fit is named by the check against the signature.
            if (input.Shape.IsEmpty)
                return 1;
            rows ??= input.Shape.Span[0];
            if (IsStated && rows != input.Shape.Span[0])
                return OmlError.Invalid($"Input '{input.Name}' has {input.Shape.Span[0]} rows and input '{inputs[0].Name}' has {rows}; the first dimension of all inputs of '{Message.Name}' is the batch: send as many rows of each.");
        }

        return IsStated && rows > Message.MaxBatchSize
            ? OmlError.Invalid($"inference request batch-size must be <= {Message.MaxBatchSize} for '{Message.Name}', the request has {rows} rows; send fewer, or raise max_batch_size.")
            : (int)Math.Min(rows ?? 1, int.MaxValue);
    }

    /// <summary>The parameter's text as seconds; null: it is no number from 0 to a day.</summary>
    internal static TimeSpan? LifeOf(ModelConfig config) =>
        !config.Parameters.TryGetValue(ResponseLifeParameter, out var parameter) ? DefaultResponseLife
        : double.TryParse(parameter.StringValue, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds is > 0 and <= 86_400 ? TimeSpan.FromSeconds(seconds)
        : null;

    internal static TensorType FromConfig(DataType type) => type switch
    {
        DataType.TypeString => TensorType.Bytes,
        _ => Enum.TryParse<TensorType>(type.ToString()["Type".Length..], ignoreCase: true, out var tensor) ? tensor : throw new ArgumentOutOfRangeException(nameof(type), type, "There is no tensor of this type."),
    };

    internal static DataType TypeOf(TensorInfo tensor) => TensorTypeExtensions.FromProtocolName(tensor.Datatype) switch
    {
        TensorType.Bool => DataType.TypeBool,
        TensorType.UInt8 => DataType.TypeUint8,
        TensorType.UInt16 => DataType.TypeUint16,
        TensorType.UInt32 => DataType.TypeUint32,
        TensorType.UInt64 => DataType.TypeUint64,
        TensorType.Int8 => DataType.TypeInt8,
        TensorType.Int16 => DataType.TypeInt16,
        TensorType.Int32 => DataType.TypeInt32,
        TensorType.Int64 => DataType.TypeInt64,
        TensorType.Fp16 => DataType.TypeFp16,
        TensorType.Bf16 => DataType.TypeBf16,
        TensorType.Fp32 => DataType.TypeFp32,
        TensorType.Fp64 => DataType.TypeFp64,
        TensorType.Bytes => DataType.TypeString,
        _ => DataType.TypeInvalid,
    };
}

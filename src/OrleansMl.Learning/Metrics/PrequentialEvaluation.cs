namespace OrleansMl.Learning;

/// <summary>
/// Prequential metrics of one predictor: for probabilities log loss, accuracy and squared error (Brier); for values
/// squared and absolute error. Accuracy is a mean of 1 for right; the others are losses.
/// </summary>
public sealed class PrequentialEvaluation
{
    private const string Kind = "prequential_evaluation";
    private const byte Version = 1;

    private PrequentialEvaluation(bool binary, Func<PrequentialMean> mean)
    {
        IsBinary = binary;
        (LogLoss, Accuracy) = binary ? (mean(), mean()) : (null, null);
        SquaredError = mean();
        AbsoluteError = mean();
    }

    public PrequentialEvaluation(bool binary, int window = PrequentialMean.DefaultWindow, double fading = PrequentialMean.DefaultFading)
        : this(binary, () => new PrequentialMean(window, fading))
    {
    }

    /// <summary>True for probabilities.</summary>
    public bool IsBinary { get; }

    /// <summary>Null for values.</summary>
    public PrequentialMean? LogLoss { get; }

    /// <summary>Share of right labels at 0.5; null for values.</summary>
    public PrequentialMean? Accuracy { get; }

    /// <summary>Of probabilities: the Brier score.</summary>
    public PrequentialMean SquaredError { get; }

    public PrequentialMean AbsoluteError { get; }

    /// <summary>Predictions scored.</summary>
    public long Count => SquaredError.Count;

    /// <summary>Scores one prediction against what came.</summary>
    public void Add(double prediction, double label)
    {
        LogLoss?.Add(Losses.LogLoss(prediction, label));
        Accuracy?.Add(Losses.Correct(prediction, label));
        SquaredError.Add(Losses.SquaredError(prediction, label));
        AbsoluteError.Add(Losses.AbsoluteError(prediction, label));
    }

    /// <summary>Scores one answer of more than two classes against the class that came.</summary>
    /// <exception cref="InvalidOperationException">Values are scored here.</exception>
    public void Add(in ClassAnswer answer, double label)
    {
        if (LogLoss is null || Accuracy is null)
            throw new InvalidOperationException("Values are scored here, and this is an answer of classes.");
        LogLoss.Add(answer.LogLoss);
        Accuracy.Add(answer.Correct(label));
        SquaredError.Add(answer.SquaredError);
        AbsoluteError.Add(answer.AbsoluteError);
    }

    /// <summary>A metric by the name that application files use: log_loss | accuracy | squared_error | absolute_error; null when there is none.</summary>
    public PrequentialMean? Metric(string name) => name switch
    {
        "log_loss" => LogLoss,
        "accuracy" => Accuracy,
        "squared_error" => SquaredError,
        "absolute_error" => AbsoluteError,
        _ => null,
    };

    /// <summary>Versioned bytes; <see cref="Restore"/> goes on bit for bit.</summary>
    public byte[] Save() => StateEnvelope.Seal(Kind, Version, writer =>
    {
        writer.Write(IsBinary);
        LogLoss?.Write(writer);
        Accuracy?.Write(writer);
        SquaredError.Write(writer);
        AbsoluteError.Write(writer);
    });

    /// <exception cref="LearnerException">Damaged, or of another kind or version.</exception>
    public static PrequentialEvaluation Restore(ReadOnlySpan<byte> state) => StateEnvelope.Open(state, (kind, version, reader) => (kind, version) is (Kind, Version)
        ? new PrequentialEvaluation(reader.ReadBoolean(), () => PrequentialMean.Read(reader))
        : throw new LearnerException($"The saved state is {kind} of version {version}, not {Kind} of version {Version}."));
}

namespace OrleansMl.Learning;

/// <summary>
/// Prequential figures of a model, always beside the no-change, prior and majority baselines on the same rows: a figure
/// alone says little (on elec2 the last label is right in 85 %).
/// </summary>
public sealed class ComparedEvaluation
{
    private const string Kind = "compared_evaluation";
    private const byte Version = 1;

    private readonly NoChangeBaseline _noChange;
    private readonly PriorBaseline _prior;
    private readonly MajorityBaseline _majority;

    public ComparedEvaluation(bool binary, int window = PrequentialMean.DefaultWindow, double fading = PrequentialMean.DefaultFading)
        : this((new NoChangeBaseline(), new PriorBaseline(binary), new MajorityBaseline()), () => new PrequentialEvaluation(binary, window, fading))
    {
    }

    private ComparedEvaluation((NoChangeBaseline NoChange, PriorBaseline Prior, MajorityBaseline Majority) baselines, Func<PrequentialEvaluation> make)
    {
        (_noChange, _prior, _majority) = baselines;
        (Model, NoChange, Prior, Majority) = (make(), make(), make(), make());
    }

    public PrequentialEvaluation Model { get; }

    public PrequentialEvaluation NoChange { get; }

    public PrequentialEvaluation Prior { get; }

    public PrequentialEvaluation Majority { get; }

    /// <summary>What the baselines say now. Where outcomes come later, take it when the model predicts and give it back to <see cref="Add(double, double, BaselinePredictions)"/>.</summary>
    public BaselinePredictions Predict() => new(_noChange.Predict(), _prior.Predict(), _majority.Predict());

    /// <summary>Scores a prediction whose outcome comes before the next prediction, then shows the baselines the label.</summary>
    public void Add(double prediction, double label) => Add(prediction, label, Predict());

    /// <summary>Scores a prediction against what came, with what the baselines said when it was made, then shows them the label.</summary>
    public void Add(double prediction, double label, BaselinePredictions then)
    {
        Model.Add(prediction, label);
        NoChange.Add(then.NoChange, label);
        Prior.Add(then.Prior, label);
        Majority.Add(then.Majority, label);
        _noChange.Learn(label);
        _prior.Learn(label);
        _majority.Learn(label);
    }

    /// <summary>Versioned bytes; <see cref="Restore"/> goes on bit for bit.</summary>
    public byte[] Save() => StateEnvelope.Seal(Kind, Version, writer =>
    {
        foreach (var part in new[] { _noChange.Save(), _prior.Save(), _majority.Save(), Model.Save(), NoChange.Save(), Prior.Save(), Majority.Save() })
        {
            writer.Write(part.Length);
            writer.Write(part);
        }
    });

    /// <exception cref="LearnerException">Damaged, or of another kind or version.</exception>
    public static ComparedEvaluation Restore(ReadOnlySpan<byte> state) => StateEnvelope.Open(state, (kind, version, reader) =>
    {
        if ((kind, version) is not (Kind, Version))
            throw new LearnerException($"The saved state is {kind} of version {version}, not {Kind} of version {Version}.");
        byte[] Part() => reader.ReadBytes(reader.ReadInt32());
        return new ComparedEvaluation((NoChangeBaseline.Restore(Part()), PriorBaseline.Restore(Part()), MajorityBaseline.Restore(Part())), () => PrequentialEvaluation.Restore(Part()));
    });
}

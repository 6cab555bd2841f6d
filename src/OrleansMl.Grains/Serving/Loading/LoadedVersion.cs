using System.Buffers;
using System.Collections.Immutable;
using OrleansMl.Catalog;
using OrleansMl.Inference;
using OrleansMl.Learning;
using OrleansMl.Predictions;

namespace OrleansMl.Serving;

/// <summary>
/// A version in memory: the artifact that <c>/v2</c> runs, and what turns a vector into a score. Disposed when the last
/// lease is back.
/// </summary>
public sealed class LoadedVersion : IDisposable
{
    private readonly ArtifactSessions? _artifact;
    private readonly IVectorScorer? _scorer;
    private readonly BatchRecorder? _recorder;
    private readonly Action? _left;
    private readonly Lock _gate = new();
    private readonly HashSet<int> _warm = [];
    private volatile Batching? _batching;
    private volatile ClassPlaces? _classes;

    /// <param name="manifest">Of the version.</param>
    /// <param name="artifact">Its file, in sessions.</param>
    /// <param name="scorer">Over the same, or a graph of its own.</param>
    /// <param name="postprocessor">The steps after the score.</param>
    /// <param name="recorder">Of its statistics, which outlast it.</param>
    /// <param name="left">Told when it is disposed.</param>
    internal LoadedVersion(VersionManifest manifest, ArtifactSessions artifact, IVectorScorer scorer, Postprocessor postprocessor, BatchRecorder recorder, Action? left = null)
    {
        (Manifest, _artifact, _scorer, Postprocessor) = (manifest, artifact, scorer, postprocessor);
        (_recorder, _left) = (recorder, left);
    }

    internal LoadedVersion(VersionManifest manifest, LoadedEnsemble ensemble, Action? left = null) =>
        (Manifest, Ensemble, Postprocessor, _left) = (manifest, ensemble, new Postprocessor([]), left);

    public VersionManifest Manifest { get; }

    /// <summary>The registered file, in its sessions; not of an ensemble.</summary>
    public ModelSessions Artifact => Sessions.Sessions;

    /// <summary>The graph of models that runs in place of a file; null: there is a file.</summary>
    internal LoadedEnsemble? Ensemble { get; }

    /// <summary>Where its sessions run; empty: an ensemble has none of its own.</summary>
    internal ImmutableArray<SessionPlace> Places => _artifact is null ? [] : Artifact.Places;

    private ArtifactSessions Sessions => _artifact ?? throw new InvalidOperationException($"Version {Manifest.Version} of model '{Manifest.Model}' is an ensemble.");

    public Postprocessor Postprocessor { get; }

    /// <summary>
    /// The queue before the artifact, by the configuration that it is served with. A configuration that changes makes a new
    /// one; who waits in the old one is answered by it.
    /// </summary>
    internal Batcher BatcherOf(ServedConfig config)
    {
        if (_batching is { } known && known.Stated == config.Stated)
            return known.Batcher;
        lock (_gate)
        {
            if (_batching is { } meanwhile && meanwhile.Stated == config.Stated)
                return meanwhile.Batcher;
            var batcher = new Batcher(Artifact, BatchingSettings.Of(config, Sessions.RunsOf(config)), TimeProvider.System, _recorder!);
            _batching = new Batching(config.Stated, batcher, IsWarm: false);
            return batcher;
        }
    }

    /// <summary>Requests that wait for the artifact or run on it.</summary>
    internal int Load => _batching?.Batcher.Load ?? 0;

    /// <summary>One more request would be in the next batch.</summary>
    internal bool HasRoom => _batching?.Batcher.HasRoom ?? true;

    /// <summary>What was counted since this process loaded the version for the first time.</summary>
    internal BatchingStatistics StatisticsFor(ServedConfig config) => Ensemble?.Statistics ?? BatcherOf(config).Statistics;

    /// <summary>The batches of this configuration have been run, or tried. An ensemble has none: its models are warmed themselves.</summary>
    internal bool IsWarmFor(ServedConfig config) => Ensemble is not null || (_batching is { } known && known.Stated == config.Stated && known.IsWarm);

    /// <summary>The configuration means other devices or options than the sessions have.</summary>
    internal bool NeedsOtherSessions(ServedConfig config) => _artifact?.Fits(config) == false;

    /// <summary>
    /// Runs a recorded row, or made-up ones, in every batch size that requests meet: one row, the preferred sizes, the largest. Sizes that have
    /// been run, here or by the batcher's own trial, are not run again. Before that, other sessions are opened where the
    /// configuration means other devices.
    /// </summary>
    /// <exception cref="ModelLoadException">They cannot be had; those that were stay.</exception>
    internal ImmutableArray<WarmUpStep> Warm(ServedConfig config, IReadOnlyList<Tensor>? recorded = null)
    {
        if (Ensemble is not null)
            return [];
        var isNew = Sessions.Prepare(config);
        var batcher = BatcherOf(config);
        var sizes = new List<int>();
        lock (_gate)
        {
            if (isNew)
                _warm.Clear();
            // The trial runs in one session: where there are several, the others have not seen its sizes.
            if (Artifact.Places.Length == 1 && !isNew)
                _warm.UnionWith(batcher.ProbedRows);
            sizes.AddRange(batcher.Options.PreferredRows.Prepend(1).Append(batcher.Options.MaxBatchRows).Where(_warm.Add));
        }

        var steps = Artifact.Warm(sizes, TimeProvider.System, recorded);
        _batching = new Batching(config.Stated, batcher, IsWarm: true);
        return steps;
    }

    /// <summary>Where its numbers belong among the model's classes; kept until the model is declared otherwise.</summary>
    internal ClassPlaces ClassesOf(CompiledModel model) =>
        _classes is { } known && ReferenceEquals(known.Model, model) ? known : _classes = ClassPlaces.Of(Manifest, model);

    /// <summary>Probability of the positive class, or the predicted number.</summary>
    /// <exception cref="ScoringException">Vector and version do not fit, or the answer is not a number.</exception>
    internal double Score(CompiledModel model, IReadOnlyList<Scalar> vector)
    {
        if (_scorer is null)
            throw new ScoringException($"Version {Manifest.Version} of model '{Manifest.Model}' is an ensemble, which takes tensors and no vectors; send them to /v2/models/{Manifest.Model}/infer, or register a file.");
        if (ClassesOf(model).WhyNot is { } whyNot)
            throw new ScoringException(whyNot);
        double score;
        try
        {
            score = _scorer.Score(model, vector);
        }
        catch (Exception exception) when (exception is InferenceInputException or InferenceRunException or PipelineException)
        {
            throw new ScoringException($"Version {Manifest.Version} of model '{Manifest.Model}' cannot score this vector: {exception.Message}", exception);
        }

        return double.IsFinite(score)
            ? score
            : throw new ScoringException($"Version {Manifest.Version} of model '{Manifest.Model}' answers {score} for this vector; check the inputs' ranges and impute what is missing.");
    }

    /// <summary>All numbers of the answer.</summary>
    /// <param name="model">As declared.</param>
    /// <param name="vector">In its column order.</param>
    /// <param name="answer">[<see cref="CompiledModel.AnswerWidth"/>], written.</param>
    /// <exception cref="ScoringException">Vector and version do not fit, or an answer is not a number.</exception>
    internal void Score(CompiledModel model, IReadOnlyList<Scalar> vector, Span<double> answer)
    {
        if (answer.Length == 1 || _scorer is null)
        {
            answer[0] = Score(model, vector);
            return;
        }

        var classes = ClassesOf(model);
        if (classes.WhyNot is { } whyNot)
            throw new ScoringException(whyNot);
        try
        {
            if (classes.Count == 0)
                _scorer.Score(model, vector, answer);
            else
                ScorePlaced(_scorer, classes, model, vector, answer);
        }
        catch (Exception exception) when (exception is InferenceInputException or InferenceRunException or PipelineException)
        {
            throw new ScoringException($"Version {Manifest.Version} of model '{Manifest.Model}' cannot score this vector: {exception.Message}", exception);
        }

        foreach (var probability in answer)
        {
            if (!double.IsFinite(probability))
                throw new ScoringException($"Version {Manifest.Version} of model '{Manifest.Model}' answers the probability {probability} for this vector; check the inputs' ranges and impute what is missing.");
        }
    }

    private static void ScorePlaced(IVectorScorer scorer, ClassPlaces classes, CompiledModel model, IReadOnlyList<Scalar> vector, Span<double> answer)
    {
        var rented = ArrayPool<double>.Shared.Rent(classes.Count);
        try
        {
            scorer.Score(model, vector, rented.AsSpan(0, classes.Count));
            classes.Place(rented.AsSpan(0, classes.Count), answer);
        }
        finally
        {
            ArrayPool<double>.Shared.Return(rented);
        }
    }

    public void Dispose()
    {
        _scorer?.Dispose();
        _artifact?.Dispose();
        _left?.Invoke();
    }

    private sealed record Batching(string? Stated, Batcher Batcher, bool IsWarm);
}

/// <summary>Turns a vector in column order into one number. May be called from many threads at once.</summary>
internal interface IVectorScorer : IDisposable
{
    double Score(CompiledModel model, IReadOnlyList<Scalar> vector);

    /// <summary>The same of more than two classes.</summary>
    /// <param name="model">As declared.</param>
    /// <param name="vector">In its column order.</param>
    /// <param name="probabilities">[C], written.</param>
    /// <exception cref="ScoringException">The version answers another number of them.</exception>
    void Score(CompiledModel model, IReadOnlyList<Scalar> vector, Span<double> probabilities);
}

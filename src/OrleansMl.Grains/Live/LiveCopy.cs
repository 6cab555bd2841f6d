using System.Buffers;
using System.Security.Cryptography;
using OrleansMl.Catalog;
using OrleansMl.Learning;
using OrleansMl.Serving;

namespace OrleansMl.Live;

/// <summary>
/// A silo's own copy of a live learner: the same state, taken through the same updates, so it answers to the bit as the learner
/// would. Many score at once; one follower updates, one update at a time, so that nobody waits longer than for that.
/// </summary>
internal sealed class LiveCopy(FittedPipeline pipeline, ILearner learner, LivePosition position)
{
    private readonly ReaderWriterLockSlim _lock = new();
    private readonly LiveRow _row = new(pipeline.DenseCount, pipeline.HashedCount);

    /// <summary>Where it stands; for the follower.</summary>
    public LivePosition Position { get; private set; } = position;

    /// <summary>Bytes of an update.</summary>
    public int RowLength => _row.Length;

    /// <summary>SHA-256 of its saved state, [32]; for the follower, which alone changes it.</summary>
    public byte[] Hash() => learner.Save()[^SHA256.HashSizeInBytes..];

    /// <summary>Learns what the learner has learned; for the follower.</summary>
    /// <exception cref="LearnerException">It cannot, so it is no copy.</exception>
    /// <exception cref="ArgumentException">The same.</exception>
    public void Take(ReadOnlySpan<byte> row)
    {
        _row.Read(row);
        _lock.EnterWriteLock();
        try
        {
            learner.LearnOne(_row.Features, _row.Label, _row.Weight);
            Position = Position with { Revision = Position.Revision + 1 };
        }
        finally
        {
            _lock.ExitWriteLock();
        }
    }

    /// <summary>Scores vectors, all by one revision.</summary>
    /// <param name="model">The model as declared.</param>
    /// <param name="vectors">In the model's column order.</param>
    /// <param name="scores">[N, <see cref="CompiledModel.AnswerWidth"/>], written.</param>
    /// <returns>The revision.</returns>
    /// <exception cref="ScoringException">The model has lost a column that the learner has.</exception>
    public long Score(CompiledModel model, IReadOnlyList<IReadOnlyList<Scalar>> vectors, Span<double> scores)
    {
        var width = model.AnswerWidth;
        var (d, k, n) = (pipeline.DenseCount, pipeline.HashedCount, vectors.Count);
        var numbers = ArrayPool<double>.Shared.Rent(n * (d + k));
        var places = ArrayPool<int>.Shared.Rent(n * k);
        try
        {
            for (var i = 0; i < n; i++)
                pipeline.Transform(PipelineRows.Of(pipeline.InputSchema, model, vectors[i]), numbers.AsSpan(i * (d + k), d), places.AsSpan(i * k, k), numbers.AsSpan((i * (d + k)) + d, k));
            _lock.EnterReadLock();
            try
            {
                for (var i = 0; i < n; i++)
                    learner.Answer(new FeatureSpan(numbers.AsSpan(i * (d + k), d), places.AsSpan(i * k, k), numbers.AsSpan((i * (d + k)) + d, k)), scores.Slice(i * width, width));
                return Position.Revision;
            }
            finally
            {
                _lock.ExitReadLock();
            }
        }
        finally
        {
            ArrayPool<double>.Shared.Return(numbers);
            ArrayPool<int>.Shared.Return(places);
        }
    }
}

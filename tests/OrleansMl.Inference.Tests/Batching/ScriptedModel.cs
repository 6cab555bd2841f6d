using System.Collections.Immutable;

namespace OrleansMl.Inference.Tests.Batching;

/// <summary>
/// A model "in" INT64 [N, any] → "out" of the same values, that keeps what it was given, can be held, and fails when told.
/// </summary>
internal sealed class ScriptedModel : IBatchModel
{
    private readonly Lock _gate = new();
    private readonly List<long[]> _runs = [];
    private readonly SemaphoreSlim _entered = new(0);
    private readonly ManualResetEventSlim _open = new(true);
    private int _inside;

    public ModelSignature Signature { get; init; } = new(
        [new TensorSpec("in", TensorType.Int64, [-1, -1])],
        [new TensorSpec("out", TensorType.Int64, [-1, -1])],
        ImmutableSortedDictionary<string, string>.Empty);

    /// <summary>Told of each run before it answers.</summary>
    public Action<Tensor> OnRun { get; set; } = _ => { };

    public Func<Tensor, IReadOnlyList<string>, IReadOnlyList<Tensor>> Answer { get; set; } =
        (input, outputs) => [.. outputs.Select(name => new Tensor(name, input.Type, input.Shape.ToArray(), input.Data.ToArray()))];

    /// <summary>The values of each run, in the order in which they began.</summary>
    public long[][] Runs
    {
        get
        {
            lock (_gate)
                return [.. _runs];
        }
    }

    /// <summary>Most runs that were ever in it at once.</summary>
    public int MostAtOnce { get; private set; }

    public IReadOnlyList<Tensor> Run(IReadOnlyList<Tensor> inputs, IReadOnlyList<string> outputs, TimeProvider time, out RunPhases phases)
    {
        lock (_gate)
        {
            _runs.Add(inputs[0].Values<long>());
            MostAtOnce = Math.Max(MostAtOnce, ++_inside);
        }

        _entered.Release();
        try
        {
            Assert.True(_open.Wait(TimeSpan.FromSeconds(60)), "A held run was never let go.");
            OnRun(inputs[0]);
            phases = new RunPhases(TimeSpan.FromMicroseconds(1), TimeSpan.FromMicroseconds(2), TimeSpan.FromMicroseconds(3));
            return Answer(inputs[0], outputs);
        }
        finally
        {
            lock (_gate)
                _inside--;
        }
    }

    /// <summary>Runs begin, and wait until <see cref="LetGo"/>.</summary>
    public void Hold()
    {
        _open.Reset();
        while (_entered.Wait(0))
        {
            // Runs that have begun before are not those that are waited for.
        }
    }

    public void LetGo() => _open.Set();

    /// <summary>Waits until one more run has begun.</summary>
    public async Task BeginsAsync() => Assert.True(await _entered.WaitAsync(TimeSpan.FromSeconds(60)), "No run began.");
}

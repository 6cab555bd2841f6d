using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using OrleansMl.Inference;
using OrleansMl.Services;
using OrleansMl.Serving;

namespace OrleansMl.Grains.Tests.Ensembles;

/// <summary>The order of steps, their errors and their end, with scripted models.</summary>
public sealed class EnsembleRunTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    [Fact]
    public void Any_graph_gives_what_its_steps_give_one_after_the_other()
    {
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
        {
            var graph = RandomGraph.Of(new Random(seed));
            var runs = new ConcurrentBag<string>();
            var inputs = graph.Definition.Inputs.Select((t, i) => Number(t.Name, (i * 17) + 3)).ToArray();
            var wanted = graph.Wanted;
            var result = Ensemble(graph.Definition).RunAsync(new InferRequest("e", null, inputs, wanted), 1, async (request, _) =>
            {
                runs.Add(request.Model);
                // Some at once on their caller's thread, as a model does that is idle.
                if ((request.Model.GetHashCode(StringComparison.Ordinal) & 1) == 0)
                    await Task.Yield();
                return Computed(request);
            }, default).GetAwaiter().GetResult();

            var expected = graph.RunInOrder(inputs, out var needed);
            Assert.Equal(wanted.Select(w => expected[w]), result.Value.Select(Value));
            Assert.Equal(wanted, result.Value.Select(t => t.Name));
            Assert.Equal(needed.Order(StringComparer.Ordinal), runs.Order(StringComparer.Ordinal));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public async Task Steps_whose_tensors_are_there_run_at_the_same_time()
    {
        // Each blocks its thread until all three have begun: one after the other they would wait for ever.
        using var all = new Barrier(3);
        var ensemble = Ensemble(Define("a", "d", Model("x", "a", "b"), Model("y", "a", "c"), Model("z", "a", "t"), Model("last", "b c t", "d")));
        var result = await ensemble.RunAsync(Request(), 1, (request, _) =>
        {
            if (request.Model != "last")
                Assert.True(all.SignalAndWait(s_patience));
            return Task.FromResult(Computed(request));
        }, default).WaitAsync(s_patience);
        Assert.True(result.IsSuccess);
    }

    [Theory]
    [InlineData(503, "queue_full", 503, "queue_full")]
    [InlineData(400, "invalid", 400, "invalid")]
    [InlineData(422, "load_failed", 422, "load_failed")]
    [InlineData(404, "unknown_model", 503, "not_ready")]
    public async Task The_error_of_a_step_keeps_its_status_and_names_the_step_and_the_model(int status, string code, int expected, string expectedCode)
    {
        var ensemble = Ensemble(Define("a", "c", Model("good", "a", "b"), Model("bad", "b", "c")));
        var result = await ensemble.RunAsync(Request(), 1, (request, _) => Task.FromResult(request.Model == "bad" ? new OmlError(code, status, "It is so.") : Computed(request)), default);
        Assert.Equal((expected, expectedCode), (result.Error!.Status, result.Error.Code));
        Assert.Equal("Ensemble 'e' version 1, step 2 (model 'bad'): It is so.", result.Error.Detail);
        Assert.Equal((1L, 0L), (ensemble.Statistics.Fail.Count, ensemble.Statistics.Success.Count));
        Assert.Equal(expected == 503 ? [expectedCode] : [], ensemble.Statistics.Rejected.Keys);
    }

    [Fact]
    public async Task A_step_that_fails_ends_those_beside_it_before_the_answer_comes()
    {
        var begun = new TaskCompletionSource();
        var ended = false;
        var ensemble = Ensemble(Define("a", "b c", Model("slow", "a", "b"), Model("bad", "a", "c")));
        var result = await ensemble.RunAsync(Request(), 1, async (request, cancellation) =>
        {
            if (request.Model == "bad")
            {
                await begun.Task;
                return OmlError.Invalid("It is so.");
            }

            begun.SetResult();
            try
            {
                await Task.Delay(Timeout.Infinite, cancellation);
            }
            finally
            {
                ended = true;
            }

            return Computed(request);
        }, default).WaitAsync(s_patience);
        Assert.True(ended);
        Assert.Contains("(model 'bad')", result.Error!.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_caller_that_gives_up_ends_every_step_and_starts_none()
    {
        using var caller = new CancellationTokenSource();
        var ensemble = Ensemble(Define("a", "c", Model("first", "a", "b"), Model("second", "b", "c")));
        var ran = new List<string>();
        var running = ensemble.RunAsync(Request(), 1, async (request, cancellation) =>
        {
            ran.Add(request.Model);
            await caller.CancelAsync();
            cancellation.ThrowIfCancellationRequested();
            return Computed(request);
        }, caller.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.Equal(["first"], ran);
        Assert.Equal((1L, 1L), (ensemble.Statistics.Cancelled, ensemble.Statistics.Fail.Count));
    }

    [Fact]
    public async Task A_failure_that_nobody_foresaw_is_thrown_when_all_steps_have_ended()
    {
        var ensemble = Ensemble(Define("a", "b c", Model("x", "a", "b"), Model("y", "a", "c")));
        var ended = 0;
        var running = ensemble.RunAsync(Request(), 1, async (request, cancellation) =>
        {
            if (request.Model == "y")
                throw new NotSupportedException("by the test");
            await Task.Delay(Timeout.Infinite, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Interlocked.Increment(ref ended);
            return Computed(request);
        }, default);
        Assert.Equal("by the test", (await Assert.ThrowsAsync<NotSupportedException>(() => running)).Message);
        Assert.InRange(ended, 0, 1);
        Assert.Equal(1, ensemble.Statistics.Fail.Count);
    }

    [Fact]
    public async Task A_failure_that_passes_by_itself_is_503_of_its_step()
    {
        var ensemble = Ensemble(Define("a", "b", Model("x", "a", "b")));
        var result = await ensemble.RunAsync(Request(), 1, (_, _) => throw new TimeoutException("by the test"), default);
        Assert.Equal((503, "not_ready"), (result.Error!.Status, result.Error.Code));
        Assert.Contains("step 1 (model 'x')", result.Error.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_switch_runs_one_branch_and_no_other()
    {
        var choice = new SwitchStep("a", [new(["5", "6"], Call("odd", "a", "b")), new(["7"], Call("seven", "a", "b"))], null);
        var ensemble = Ensemble(Define("a", "b", choice));
        var ran = new List<string>();
        Task<OmlResult<InferResult>> InferAsync(InferRequest request, CancellationToken _)
        {
            ran.Add(request.Model);
            return Task.FromResult<OmlResult<InferResult>>(request.Model == "odd" ? OmlError.Unavailable("queue_full", "Full.") : Computed(request));
        }

        Assert.True((await ensemble.RunAsync(Request(7), 1, InferAsync, default)).IsSuccess);
        Assert.Equal(["seven"], ran);
        var failed = await ensemble.RunAsync(Request(5), 1, InferAsync, default);
        Assert.Equal("Ensemble 'e' version 1, step 1 (switch on 'a'), model 'odd': Full.", failed.Error!.Detail);
        var other = await ensemble.RunAsync(Request(8), 1, InferAsync, default);
        Assert.Equal(400, other.Error!.Status);
        Assert.Contains("'a' is '8', which has no case (there are '5', '6', '7')", other.Error.Detail, StringComparison.Ordinal);
        Assert.Equal(["seven", "odd"], ran);
    }

    [Fact]
    public async Task Steps_are_sent_the_callers_parameters_less_the_time_that_has_passed()
    {
        var time = new ManualTime();
        var ensemble = Ensemble(Define("a", "d", Model("x", "a", "b"), Model("y", "b", "c"), Model("z", "c", "d")), time);
        var seen = new List<InferParameters>();
        var parameters = new InferParameters { Priority = 2, Timeout = TimeSpan.FromMilliseconds(100), Sequence = new SequenceId(7, null), SequenceStart = true };
        await ensemble.RunAsync(Request() with { Parameters = parameters }, 1, (request, _) =>
        {
            seen.Add(request.Parameters);
            time.Advance(60);
            return Task.FromResult(Computed(request));
        }, default);
        Assert.Equal([parameters, parameters with { Timeout = TimeSpan.FromMilliseconds(40) }, parameters with { Timeout = TimeSpan.FromMicroseconds(1) }], seen);
        Assert.Equal(180_000_000, ensemble.Statistics.Success.Nanoseconds);
    }

    [Fact]
    public async Task Ensembles_that_call_each_other_without_end_come_to_an_end()
    {
        var ensemble = Ensemble(Define("a", "b", Model("e", "a", "b")));
        var depth = 0;
        async Task<OmlResult<InferResult>> InferAsync(InferRequest request, CancellationToken cancellation)
        {
            depth = Math.Max(depth, request.Depth);
            var inner = await ensemble.RunAsync(request with { Inputs = [.. request.Inputs.Select(i => i.Named("a"))], Outputs = ["b"] }, 1, InferAsync, cancellation);
            return inner.TryGet(out var outputs, out var error) ? new InferResult("e", 1, outputs) : error;
        }

        var result = await ensemble.RunAsync(Request(), 1, InferAsync, default);
        Assert.Equal((400, LoadedEnsemble.MaxDepth), (result.Error!.Status, depth));
        Assert.Contains("circle", result.Error.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_that_does_not_fit_the_ensemble_runs_no_step()
    {
        var ensemble = Ensemble(Define("a", "b", Model("x", "a", "b")));
        InferModel never = (_, _) => throw new InvalidOperationException("A step ran.");
        foreach (var (request, word) in new[]
        {
            (new InferRequest("e", null, [], []), "'a'"),
            (new InferRequest("e", null, [Number("a", 1), Number("z", 1)], []), "'z'"),
            (new InferRequest("e", null, [new Tensor("a", TensorType.Int32, new long[] { 1 }, new byte[4])], []), "INT32"),
            (new InferRequest("e", null, [Number("a", 1)], ["nothing"]), "'nothing'"),
        })
        {
            var refused = await Assert.ThrowsAsync<InferenceInputException>(() => ensemble.RunAsync(request, 1, never, default));
            Assert.Contains(word, refused.Message, StringComparison.Ordinal);
        }
    }

    internal static ModelStep Model(string model, string inputs, string outputs) => new(Call(model, inputs, outputs));

    /// <summary>Inputs x0, x1, … and outputs y0, y1, … of the model, in order.</summary>
    internal static ModelCall Call(string model, string inputs, string outputs) => new(
        model, null,
        inputs.Split(' ').Select((t, i) => (Key: $"x{i}", Value: t)).ToImmutableSortedDictionary(m => m.Key, m => m.Value, StringComparer.Ordinal),
        outputs.Split(' ').Select((t, i) => (Key: $"y{i}", Value: t)).ToImmutableSortedDictionary(m => m.Key, m => m.Value, StringComparer.Ordinal));

    internal static EnsembleDefinition Define(string inputs, string outputs, params EnsembleStep[] steps) => new(
        0, [.. inputs.Split(' ').Select(n => new TensorSpec(n, TensorType.Int64, [1]))], [.. outputs.Split(' ').Select(n => new TensorSpec(n, TensorType.Int64, [1]))], [.. steps]);

    /// <summary>Output yK of a model: a number that its name, K and all its inputs decide.</summary>
    internal static long Compute(string model, string output, IEnumerable<long> inputs) =>
        unchecked(inputs.Select((x, i) => x * ((2 * i) + 3)).Aggregate(0L, (a, b) => (a * 31) + b) + model.Sum(c => 7L * c) + output[^1]);

    private static OmlResult<InferResult> Computed(InferRequest request) => new InferResult(request.Model, 1,
        [.. request.Outputs.Select(o => Number(o, Compute(request.Model, o, request.Inputs.OrderBy(i => i.Name, StringComparer.Ordinal).Select(Value))))]);

    private static LoadedEnsemble Ensemble(EnsembleDefinition definition, TimeProvider? time = null)
    {
        Assert.True(EnsemblePlan.TryMake(definition, out var plan, out var fault), fault);
        time ??= TimeProvider.System;
        return new LoadedEnsemble(new VersionManifest { Model = "e", Version = 1, ArtifactSha256 = "" }, plan, time, new EnsembleRecorder(time));
    }

    private static InferRequest Request(long value = 1) => new("e", null, [Number("a", value)], []);

    private static Tensor Number(string name, long value)
    {
        var data = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(data, value);
        return new Tensor(name, TensorType.Int64, new long[] { 1 }, data);
    }

    private static long Value(Tensor tensor) => BinaryPrimitives.ReadInt64LittleEndian(tensor.Data.Span);
}

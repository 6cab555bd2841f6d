using System.Globalization;
using System.Runtime.ExceptionServices;
using OrleansMl.Inference;
using OrleansMl.Services;

namespace OrleansMl.Serving;

/// <summary>One request on its way through an ensemble. Steps whose tensors are there run side by side; the first that fails ends the others.</summary>
internal sealed class EnsembleRun
{
    private readonly LoadedEnsemble _ensemble;
    private readonly InferRequest _request;
    private readonly InferModel _infer;
    private readonly TimeProvider _time;
    private readonly long _started;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Tensor> _tensors = new(StringComparer.Ordinal);

    // Steps before each that have not ended; −1: nobody asked for what it writes.
    private readonly int[] _awaited;
    private CancellationTokenSource _stop = null!;
    private OmlError? _error;
    private ExceptionDispatchInfo? _fault;

    public EnsembleRun(LoadedEnsemble ensemble, InferRequest request, InferModel infer, TimeProvider time)
    {
        (_ensemble, _request, _infer, _time, _started) = (ensemble, request, infer, time, time.GetTimestamp());
        foreach (var input in request.Inputs)
            _tensors.Add(input.Name, input);
        _awaited = new int[Plan.Order.Length];
    }

    private EnsemblePlan Plan => _ensemble.Plan;

    /// <summary>Completes when no step runs any more, whatever the end: then nothing reads the request's memory.</summary>
    public async Task<OmlResult<IReadOnlyList<Tensor>>> RunAsync(IReadOnlyList<string> wanted, CancellationToken cancellationToken)
    {
        var needed = Plan.NeededFor(wanted);
        var ready = new List<int>();
        foreach (var step in Plan.Order)
        {
            _awaited[step] = needed[step] ? Plan.Before[step].Length : -1;
            if (_awaited[step] == 0)
                ready.Add(step);
        }

        using (var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken))
        {
            _stop = stop;
            List<Task>? others = null;
            await RunFromAsync(Branch(ready, ref others));
            await AllAsync(others);
        }

        _fault?.Throw();
        if (_error is { } error)
            return error;
        cancellationToken.ThrowIfCancellationRequested();
        return wanted.Select(name => _tensors[name]).ToArray();
    }

    /// <summary>Runs a step and those behind it. Never fails: what went wrong is kept.</summary>
    private async Task RunFromAsync(int step)
    {
        List<Task>? others = null;
        try
        {
            while (step >= 0 && !_stop.IsCancellationRequested)
            {
                var ran = await RunStepAsync(step);
                if (!ran.TryGet(out var written, out var error))
                {
                    Fail(error);
                    break;
                }

                step = Branch(Follow(step, written), ref others);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // By the caller, or by a step that failed: that is told of already.
        }
        catch (Exception exception)
        {
            Fail(ExceptionDispatchInfo.Capture(exception));
        }

        await AllAsync(others);
    }

    /// <summary>Starts all steps but one on threads of their own, since a model that is idle runs on its caller's; gives the one, −1 for none.</summary>
    private int Branch(List<int> ready, ref List<Task>? others)
    {
        for (var i = 0; i < ready.Count - 1; i++)
        {
            var step = ready[i];
            (others ??= []).Add(Task.Run(() => RunFromAsync(step)));
        }

        return ready.Count == 0 ? -1 : ready[^1];
    }

    private static Task AllAsync(List<Task>? others) => others is null ? Task.CompletedTask : Task.WhenAll(others);

    /// <summary>Keeps what a step has written; the steps that waited for nothing else.</summary>
    private List<int> Follow(int step, IReadOnlyList<Tensor> written)
    {
        var ready = new List<int>();
        lock (_gate)
        {
            foreach (var tensor in written)
                _tensors.Add(tensor.Name, tensor);
            foreach (var after in Plan.After[step])
            {
                if (_awaited[after] > 0 && --_awaited[after] == 0)
                    ready.Add(after);
            }
        }

        return ready;
    }

    private async Task<OmlResult<IReadOnlyList<Tensor>>> RunStepAsync(int step)
    {
        ModelCall? running = null;
        try
        {
            switch (Plan.Definition.Steps[step])
            {
                case CombineStep combine:
                    return new[] { Combination.Run(combine, [.. combine.Inputs.Select(TensorOf)]) };
                case SwitchStep choice:
                    running = TensorChoice.Of(choice, TensorOf(choice.Input));
                    return await CallAsync(running, step, running);
                case ModelStep model:
                    return await CallAsync(model.Call, step, null);
                default:
                    throw new InvalidOperationException($"A {Plan.Definition.Steps[step].GetType().Name} cannot be run.");
            }
        }
        catch (InferenceInputException exception)
        {
            return Named(OmlError.Invalid(exception.Message), step, running);
        }
        catch (Exception exception) when (Unavailability.Explain(exception) is { } unavailable)
        {
            return Named(unavailable, step, running);
        }
    }

    private async Task<OmlResult<IReadOnlyList<Tensor>>> CallAsync(ModelCall call, int step, ModelCall? chosen)
    {
        var map = call.InputMap;
        var inputs = new Tensor[map.Count];
        for (var i = 0; i < inputs.Length; i++)
            inputs[i] = TensorOf(map[i].Value).Named(map[i].Key);
        var version = call.Version?.ToString(CultureInfo.InvariantCulture);
        var request = new InferRequest(call.Model, version, inputs, call.OutputNames) { Parameters = Parameters(), Depth = _request.Depth + 1 };
        var answer = await _infer(request, _stop.Token);
        if (!answer.TryGet(out var result, out var error))
            return Named(error, step, chosen);
        // They come in the order asked for.
        var written = new Tensor[result.Outputs.Count];
        for (var i = 0; i < written.Length; i++)
            written[i] = result.Outputs[i].Named(call.Written[i]);
        return written;
    }

    /// <summary>The caller's, for every step; what it has waited and run so far is off the time that it may wait.</summary>
    private InferParameters Parameters()
    {
        if (_request.Parameters.Timeout is not { } timeout || timeout <= TimeSpan.Zero)
            return _request.Parameters;
        var left = timeout - _time.GetElapsedTime(_started);
        // 0 would mean any time.
        return _request.Parameters with { Timeout = left > TimeSpan.FromMicroseconds(1) ? left : TimeSpan.FromMicroseconds(1) };
    }

    private Tensor TensorOf(string name)
    {
        lock (_gate)
            return _tensors[name];
    }

    /// <summary>The caller has asked for a model that there is: a step's model that there is not is no 404 of it.</summary>
    /// <param name="error">Of the step.</param>
    /// <param name="step">Its number.</param>
    /// <param name="chosen">What a switch has chosen; null: the step is none.</param>
    private OmlError Named(OmlError error, int step, ModelCall? chosen)
    {
        // Put into words here, as few requests fail.
        var what = Plan.Definition.TitleOf(step) + (chosen is null ? "" : $", model '{chosen.Model}'");
        var detail = $"Ensemble '{_ensemble.Manifest.Model}' version {_ensemble.Manifest.Version}, {what}: {error.Detail}";
        return error.Status == 404 ? OmlError.Unavailable("not_ready", detail) : error with { Detail = detail };
    }

    private void Fail(OmlError error)
    {
        lock (_gate)
            _error ??= error;
        _stop.Cancel();
    }

    private void Fail(ExceptionDispatchInfo fault)
    {
        lock (_gate)
            _fault ??= fault;
        _stop.Cancel();
    }
}

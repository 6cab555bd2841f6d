namespace OrleansMl.Inference;

/// <summary>
/// Runs batches and answers their requests. A batch that fails, or whose outputs cannot be handed out by rows, is run
/// again request by request, so that a request gets the answer that it would get alone. Thread-safe.
/// </summary>
internal sealed class BatchRunner(IBatchModel model, BatchDimension dimension, BatchRecorder recorder, BatchClock clock)
{
    /// <summary>Answers every request; never throws.</summary>
    /// <param name="batch">Requests of equal keys, taken from the queue.</param>
    /// <param name="rows">Of all of them.</param>
    /// <param name="start">When it was taken.</param>
    /// <returns>How long all of it took in one run, gathering and handing out included; null: it took more than one, or failed.</returns>
    public TimeSpan? Run(PendingRequest[] batch, int rows, TimeSpan start)
    {
        if (batch.Length == 1)
            return RunAlone(batch[0], start);
        if (TryRunTogether(batch, rows, start) is { } took)
            return took;
        foreach (var request in batch)
            RunAlone(request, start);
        return null;
    }

    /// <summary>Runs one request on the caller's thread.</summary>
    /// <exception cref="Exception">Whatever the model throws.</exception>
    public IReadOnlyList<Tensor> RunInline(IReadOnlyList<Tensor> inputs, IReadOnlyList<string> wanted, int rows, TimeSpan arrival)
    {
        try
        {
            var outputs = model.Run(inputs, wanted, clock.Time, out var phases);
            recorder.Ran(rows, phases);
            recorder.Answered(rows, TimeSpan.Zero, clock.Now - arrival, phases);
            return outputs;
        }
        catch
        {
            recorder.Failed(clock.Now - arrival);
            throw;
        }
    }

    /// <summary>Ends a request that waits no more and was not run.</summary>
    public void Reject(PendingRequest request, Rejection rejection)
    {
        recorder.Rejected(rejection.Reason, clock.Now - request.Arrival);
        request.Answer(new BatchAnswer(rejection));
    }

    /// <summary>Ends a request whose caller gave up.</summary>
    public void GiveUp(PendingRequest request)
    {
        recorder.GivenUp(clock.Now - request.Arrival);
        request.Cancel();
    }

    private TimeSpan? TryRunTogether(PendingRequest[] batch, int rows, TimeSpan start)
    {
        var wanted = Union(batch);
        // Some may have been queued before a batch showed that an output of theirs has no rows.
        if (!dimension.AreSplittable(wanted))
            return null;

        RunPhases phases;
        try
        {
            var began = clock.Time.GetTimestamp();
            using var assembly = BatchAssembly.Of(batch, rows);
            var assembled = clock.Time.GetElapsedTime(began);
            var outputs = model.Run(assembly.Inputs, wanted, clock.Time, out phases);
            if (!dimension.Check(outputs, rows))
                return null;

            var splitting = clock.Time.GetTimestamp();
            Split(batch, wanted, outputs);
            phases = phases with { Input = phases.Input + assembled, Output = phases.Output + clock.Time.GetElapsedTime(splitting) };
        }
        catch (Exception)
        {
            // Whose fault it is shows when each runs alone, and only that one gets the error.
            return null;
        }

        recorder.Ran(rows, phases);
        foreach (var request in batch)
        {
            // Read once: who gives up from now on is answered all the same, and drops the answer.
            if (request.IsGivenUp)
                request.Outputs = null;
        }

        recorder.Answered(batch, start, clock.Now, phases);
        foreach (var request in batch)
        {
            if (request.Outputs is { } outputs)
                request.Answer(new BatchAnswer(outputs));
            else
                GiveUp(request);
        }

        return phases.Input + phases.Infer + phases.Output;
    }

    private TimeSpan? RunAlone(PendingRequest request, TimeSpan start)
    {
        // Between two runs nobody reads its inputs, so its caller may have them back.
        if (request.IsGivenUp)
        {
            GiveUp(request);
            return null;
        }

        IReadOnlyList<Tensor> outputs;
        RunPhases phases;
        try
        {
            outputs = model.Run(request.Inputs, request.Wanted, clock.Time, out phases);
        }
        catch (Exception exception)
        {
            recorder.Failed(clock.Now - request.Arrival);
            request.Fail(exception);
            return null;
        }

        recorder.Ran(request.Rows, phases);
        Answer(request, outputs, start, phases);
        return phases.Input + phases.Infer + phases.Output;
    }

    private void Answer(PendingRequest request, IReadOnlyList<Tensor> outputs, TimeSpan start, RunPhases phases)
    {
        if (request.IsGivenUp)
        {
            GiveUp(request);
            return;
        }

        recorder.Answered(request.Rows, start - request.Arrival, clock.Now - request.Arrival, phases);
        request.Answer(new BatchAnswer(outputs));
    }

    /// <summary>Every output that any of them asks for.</summary>
    private static IReadOnlyList<string> Union(PendingRequest[] batch)
    {
        var first = batch[0].Wanted;
        foreach (var request in batch)
        {
            if (!ReferenceEquals(request.Wanted, first) && !request.Wanted.SequenceEqual(first))
                return [.. batch.SelectMany(r => r.Wanted).Distinct()];
        }

        return first;
    }

    private static void Split(PendingRequest[] batch, IReadOnlyList<string> wanted, IReadOnlyList<Tensor> outputs)
    {
        var from = 0;
        PendingRequest? before = null;
        foreach (var request in batch)
        {
            var answer = new Tensor[request.Wanted.Count];
            for (var o = 0; o < answer.Length; o++)
            {
                // Mostly they have as many rows as the one before, and the same outputs: then they share the shape too.
                var like = before?.Rows == request.Rows && ReferenceEquals(before.Wanted, request.Wanted) ? before.Outputs![o] : null;
                answer[o] = BatchAssembly.Slice(outputs[IndexOf(wanted, request.Wanted[o])], from, request.Rows, like);
            }

            request.Outputs = answer;
            from += request.Rows;
            before = request;
        }
    }

    private static int IndexOf(IReadOnlyList<string> names, string name)
    {
        var index = 0;
        while (names[index] != name)
            index++;
        return index;
    }
}

using System.Diagnostics;
using OrleansMl.Datasets;
using OrleansMl.Services;

namespace OrleansMl.Jobs.Uploads;

/// <summary>Takes rows in by the way that requests take; what is unavailable now is asked again, for the rows that it met.</summary>
internal abstract class RowIntake(TimeSpan patience)
{
    /// <summary>Takes rows in; one fate for each, in order. A row that was taken in before, by an attempt that was cut off, is a duplicate.</summary>
    /// <exception cref="TimeoutException">For longer than the patience some could not be stored.</exception>
    public async Task<RowFate[]> TakeAsync(IReadOnlyList<NumberedRow> rows, CancellationToken cancellationToken)
    {
        var fates = new RowFate[rows.Count];
        var open = Enumerable.Range(0, rows.Count).ToList();
        var since = Stopwatch.GetTimestamp();
        for (var tried = 1; ; tried++)
        {
            var taken = await TryAsync([.. open.Select(i => rows[i])], cancellationToken);
            for (var k = 0; k < open.Count; k++)
                fates[open[k]] = taken[k];
            open.RemoveAll(i => fates[i].Fault is not { } fault || !Unavailability.IsRetryable(fault.Code));
            if (open.Count == 0)
                return fates;
            if (Stopwatch.GetElapsedTime(since) > patience)
                throw new TimeoutException($"For {patience} it was so: {fates[open[0]].Fault!.Detail}");
            await Task.Delay(Patience.Pause.After(tried), cancellationToken);
        }
    }

    protected abstract Task<RowFate[]> ApplyAsync(IReadOnlyList<NumberedRow> rows, CancellationToken cancellationToken);

    private async Task<RowFate[]> TryAsync(NumberedRow[] rows, CancellationToken cancellationToken)
    {
        try
        {
            return await ApplyAsync(rows, cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException && Unavailability.Explain(exception) is { } unavailable)
        {
            var fate = RowFate.Of(new OmlFault(unavailable.Code, unavailable.Detail));
            return [.. rows.Select(_ => fate)];
        }
    }
}

/// <summary>Rows that become items of one kind.</summary>
internal abstract class RowIntake<T>(TimeSpan patience) : RowIntake(patience)
{
    protected sealed override async Task<RowFate[]> ApplyAsync(IReadOnlyList<NumberedRow> rows, CancellationToken cancellationToken)
    {
        var fates = new RowFate[rows.Count];
        var items = new List<T>(rows.Count);
        var places = new List<int>(rows.Count);
        for (var i = 0; i < rows.Count; i++)
        {
            try
            {
                var read = await ReadAsync(rows[i], cancellationToken);
                if (read.Item is { } item)
                {
                    items.Add(item);
                    places.Add(i);
                }
                else
                {
                    fates[i] = new RowFate(RowFate.Unchanged, null);
                }
            }
            catch (RowFaultException exception)
            {
                fates[i] = RowFate.Of(exception.Fault);
            }
        }

        if (items.Count == 0)
            return fates;
        var applied = await ApplyAsync(items, cancellationToken);
        for (var k = 0; k < places.Count; k++)
            fates[places[k]] = applied[k];
        return fates;
    }

    /// <summary>The item of a row; none: the row says nothing new.</summary>
    /// <exception cref="RowFaultException">The row is no such item.</exception>
    protected abstract ValueTask<Read> ReadAsync(NumberedRow row, CancellationToken cancellationToken);

    /// <summary>One fate for each item, at its index.</summary>
    protected abstract Task<RowFate[]> ApplyAsync(IReadOnlyList<T> items, CancellationToken cancellationToken);

    protected readonly record struct Read(T? Item);
}

/// <summary>A row is not what its upload says.</summary>
internal sealed class RowFaultException(string code, string detail, string column) : Exception(detail)
{
    public OmlFault Fault { get; } = new(code, detail) { Pointer = "/" + column };
}

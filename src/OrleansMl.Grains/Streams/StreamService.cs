using System.Collections.Immutable;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using OrleansMl.Services;
using OrleansMl.Storage;

namespace OrleansMl.Streams;

/// <inheritdoc cref="IStreamService"/>
internal sealed class StreamService(
    IDeadLetterStore letters,
    IEnumerable<IRecordHandler> handlers,
    IServiceProvider services,
    [FromKeyedServices(OmlNames.Clock)] TimeProvider clock) : IStreamService
{
    private IStreamControl? Control => services.GetService<IStreamControl>();

    public IReadOnlyList<PartitionStatus> Partitions => Control?.Partitions ?? [];

    public async Task<IReadOnlyList<DeadLetter>> ListDeadLettersAsync(string? afterId, int limit, CancellationToken cancellationToken) =>
        await letters.ListAsync(afterId, limit, cancellationToken);

    public async Task<OmlResult<DeadLetter>> GetDeadLetterAsync(string id, CancellationToken cancellationToken) =>
        await letters.FindAsync(id, cancellationToken) is { } letter
            ? letter
            : OmlError.NotFound("unknown_dead_letter", $"There is no dead letter '{id}'; GET /api/v1/deadletters lists them.");

    public async Task<OmlResult<DeadLetter>> ReplayAsync(string id, ReadOnlyMemory<byte>? payload, CancellationToken cancellationToken)
    {
        var found = await GetDeadLetterAsync(id, cancellationToken);
        if (!found.TryGet(out var letter, out var error))
            return error;
        var record = letter.ToRecord(payload ?? letter.Payload);
        var fault = handlers.FirstOrDefault(h => h.Namespace == letter.Namespace) is { } handler
            ? await ApplyAsync(handler, record, cancellationToken)
            : await AppendAsync(letter, record, cancellationToken);
        if (fault is not null)
            return fault;
        await letters.MarkReplayedAsync(id, clock.GetUtcNow().UtcDateTime, cancellationToken);
        return await GetDeadLetterAsync(id, cancellationToken);
    }

    public async Task<OmlResult<ImmutableArray<PartitionStatus>>> RewindAsync(string provider, string? partition, LogStart start, CancellationToken cancellationToken)
    {
        if (Control is not { } control)
            return OmlError.NotFound("unknown_stream_provider", "This silo has no stream provider.");
        try
        {
            await control.RewindAsync(provider, partition, start, cancellationToken);
            return control.Partitions.ToImmutableArray();
        }
        catch (ArgumentException exception)
        {
            return OmlError.NotFound("unknown_partition", exception.Message);
        }
        catch (IOException exception)
        {
            return OmlError.Unavailable("not_ready", exception.Message);
        }
    }

    private static async Task<OmlError?> ApplyAsync(IRecordHandler handler, StreamRecord record, CancellationToken cancellationToken)
    {
        var plan = handler.Plan(record);
        if (plan.Fault is { } unreadable)
            return OmlError.Invalid(unreadable.Detail, unreadable.Reason);
        if (plan.IsDone)
            return null;
        var fate = (await handler.ApplyAsync(plan.OrderKey!, [plan.Item!], cancellationToken))[0];
        return fate.Fault is not { } fault ? null : fate.IsPassing ? OmlError.Unavailable(fault.Reason, fault.Detail) : OmlError.Invalid(fault.Detail, fault.Reason);
    }

    private async Task<OmlError?> AppendAsync(DeadLetter letter, StreamRecord record, CancellationToken cancellationToken)
    {
        if (services.GetKeyedService<ILogTransport>(OmlStreams.Provider) is not { } transport)
            return OmlError.Unavailable("not_ready", $"This silo has no stream provider '{OmlStreams.Provider}' to send the letter to.");
        try
        {
            await transport.AppendAsync(StreamId.Create(letter.Namespace, letter.Stream), [record], cancellationToken);
            return null;
        }
        catch (ArgumentException exception)
        {
            return OmlError.Invalid(exception.Message, "not_carried");
        }
        catch (IOException exception)
        {
            return OmlError.Unavailable("not_ready", exception.Message);
        }
    }
}

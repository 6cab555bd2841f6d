using Confluent.Kafka;

namespace OrleansMl.Streams.Kafka.Clients;

/// <summary>A batch on its way: complete when every record has its report.</summary>
internal sealed class KafkaPendingAppend(int count)
{
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _open = count;
    private int _failed;
    private Error? _error;

    public Task Completion => _completion.Task;

    public int Failed => Volatile.Read(ref _failed);

    /// <summary>The first failure.</summary>
    public Error? Error => Volatile.Read(ref _error);

    public void Reported(DeliveryReport<byte[], byte[]> report)
    {
        if (report.Error.IsError)
            Fail(1, report.Error);
        Done(1);
    }

    public void NotSent(int records, Error error)
    {
        Fail(records, error);
        Done(records);
    }

    private void Fail(int records, Error error)
    {
        Interlocked.Add(ref _failed, records);
        Interlocked.CompareExchange(ref _error, error, null);
    }

    private void Done(int records)
    {
        if (Interlocked.Add(ref _open, -records) == 0)
            _completion.SetResult();
    }
}

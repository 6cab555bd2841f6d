using OrleansMl.Gateway.Errors;
using OrleansMl.Gateway.Json;
using OrleansMl.Services;
using OrleansMl.Wire;

namespace OrleansMl.Gateway.Api;

/// <summary>The items of a body: one JSON value, or one on each line. Good ones are kept, bad ones are listed.</summary>
internal sealed class BatchBody<T>
{
    private BatchBody()
    {
    }

    /// <summary>Items that could be read.</summary>
    public List<T> Items { get; } = [];

    /// <summary>For each of <see cref="Items"/>, its index among all items of the body.</summary>
    public List<int> Indexes { get; } = [];

    /// <summary>One for each item that could not be read, with its index.</summary>
    public List<OmlFault> Faults { get; } = [];

    /// <summary>Items of the body, good or bad.</summary>
    public int Count { get; private set; }

    /// <param name="body">UTF-8.</param>
    /// <param name="isBatch">One item on each line; empty lines do not count.</param>
    /// <param name="maxItems">More are refused as a whole.</param>
    /// <param name="parse">Reads an item.</param>
    /// <exception cref="ApiException">Too many items, or none.</exception>
    public static BatchBody<T> Read(ReadOnlySpan<byte> body, bool isBatch, int maxItems, StrictReader.Parser<T> parse)
    {
        var batch = new BatchBody<T>();
        if (!isBatch)
        {
            batch.Add(body, parse);
            return batch;
        }

        while (!body.IsEmpty)
        {
            var end = body.IndexOf((byte)'\n');
            var line = end < 0 ? body : body[..end];
            body = end < 0 ? [] : body[(end + 1)..];
            if (line.IndexOfAnyExcept(" \t\r"u8) < 0)
                continue;
            if (batch.Count == maxItems)
                throw new ApiException(413, "too_large", $"The batch has more than {maxItems} items, the limit of one request; send it in parts.");
            batch.Add(line, parse);
        }

        if (batch.Count == 0)
            throw new ApiException(400, "invalid", "The batch has no item; send one JSON object on each line.");
        return batch;
    }

    /// <summary>The error of a body of which nothing could be accepted.</summary>
    public static ApiException AllRejected(IReadOnlyList<OmlFault> faults, int count)
    {
        var code = faults[0].Code;
        foreach (var fault in faults)
        {
            if (fault.Code != code)
                code = "invalid";
        }

        // Nothing is wrong with items that only came at a bad time.
        var status = Unavailability.IsRetryable(code) ? 503 : 400;

        var detail = count == 1 ? faults[0].Detail : $"All {count} items are rejected; the first: {faults[0].Detail}";
        return new ApiException(new OmlError(code, status, detail) { Faults = [.. faults] });
    }

    private void Add(ReadOnlySpan<byte> json, StrictReader.Parser<T> parse)
    {
        var index = Count++;
        try
        {
            Items.Add(StrictReader.Parse(json, parse));
            Indexes.Add(index);
        }
        catch (InputFaultException exception)
        {
            // a line number within the item says nothing in a batch: the index does
            Faults.Add(exception.Fault with { Index = index });
        }
    }
}

using Orleans.Streams;

namespace Orleans.Providers.Streams.Common;

/// <summary>A number and an index within the batch of that number.</summary>
[GenerateSerializer]
public class EventSequenceToken : StreamSequenceToken
{
    public EventSequenceToken()
    {
    }

    public EventSequenceToken(long sequenceNumber)
        : this(sequenceNumber, 0)
    {
    }

    public EventSequenceToken(long sequenceNumber, int eventIndex)
    {
        SequenceNumber = sequenceNumber;
        EventIndex = eventIndex;
    }

    [Id(0)]
    public override long SequenceNumber { get; protected set; }

    [Id(1)]
    public override int EventIndex { get; protected set; }

    public virtual EventSequenceToken CreateSequenceTokenForEvent(int eventInd) => new(SequenceNumber, eventInd);

    public override bool Equals(object? obj) => Equals(obj as StreamSequenceToken);

    public override bool Equals(StreamSequenceToken? other) => EventTokens.AreEqual(this, other);

    public override int CompareTo(StreamSequenceToken? other) => EventTokens.Compare(this, other);

    public override int GetHashCode() => HashCode.Combine(SequenceNumber, EventIndex);

    public override string ToString() => $"[EventSequenceToken: SeqNum={SequenceNumber}, EventIndex={EventIndex}]";
}

/// <summary>As <see cref="EventSequenceToken"/>, by another name on the wire.</summary>
[GenerateSerializer]
public class EventSequenceTokenV2 : StreamSequenceToken
{
    public EventSequenceTokenV2()
    {
    }

    public EventSequenceTokenV2(long seqNumber)
        : this(seqNumber, 0)
    {
    }

    public EventSequenceTokenV2(long seqNumber, int eventInd)
    {
        SequenceNumber = seqNumber;
        EventIndex = eventInd;
    }

    [Id(0)]
    public override long SequenceNumber { get; protected set; }

    [Id(1)]
    public override int EventIndex { get; protected set; }

    public virtual EventSequenceTokenV2 CreateSequenceTokenForEvent(int eventInd) => new(SequenceNumber, eventInd);

    public override bool Equals(object? obj) => Equals(obj as StreamSequenceToken);

    public override bool Equals(StreamSequenceToken? other) => EventTokens.AreEqual(this, other);

    public override int CompareTo(StreamSequenceToken? other) => EventTokens.Compare(this, other);

    public override int GetHashCode() => HashCode.Combine(SequenceNumber, EventIndex);

    public override string ToString() => $"[EventSequenceTokenV2: SeqNum={SequenceNumber}, EventIndex={EventIndex}]";
}

/// <summary>The order that both share; a type derived from either is an order of its own.</summary>
internal static class EventTokens
{
    public static bool AreEqual(StreamSequenceToken token, StreamSequenceToken? other) =>
        other is not null && Domain(token) == Domain(other) && token.SequenceNumber == other.SequenceNumber && token.EventIndex == other.EventIndex;

    public static int Compare(StreamSequenceToken token, StreamSequenceToken? other)
    {
        if (other is null)
            return 1;
        if (Domain(token) != Domain(other))
            throw new ArgumentOutOfRangeException(nameof(other), other, $"Tokens of {token.GetType()} and {other.GetType()} have no common order.");
        var byNumber = token.SequenceNumber.CompareTo(other.SequenceNumber);
        return byNumber != 0 ? byNumber : token.EventIndex.CompareTo(other.EventIndex);
    }

    private static Type Domain(StreamSequenceToken token) => token.GetType() == typeof(EventSequenceTokenV2) ? typeof(EventSequenceToken) : token.GetType();
}

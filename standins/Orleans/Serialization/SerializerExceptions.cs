using Orleans.Runtime;

namespace Orleans.Serialization;

/// <summary>A value could not be copied or written.</summary>
public class SerializerException : OrleansException
{
    public SerializerException()
    {
    }

    public SerializerException(string message)
        : base(message)
    {
    }

    public SerializerException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>The type may not travel: it has no <c>[GenerateSerializer]</c>.</summary>
public sealed class CodecNotFoundException(string message) : SerializerException(message);

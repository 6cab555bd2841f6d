using System.Buffers.Binary;
using System.Text;
using OrleansMl.Learning;

namespace OrleansMl.Live;

/// <summary>A learner with its fitted pipeline as bytes: length of the pipeline's JSON, the JSON, the learner's own state.</summary>
internal static class LiveState
{
    public static byte[] Write(string pipeline, ReadOnlySpan<byte> learner)
    {
        var length = Encoding.UTF8.GetByteCount(pipeline);
        var bytes = new byte[sizeof(int) + length + learner.Length];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, length);
        Encoding.UTF8.GetBytes(pipeline, bytes.AsSpan(sizeof(int)));
        learner.CopyTo(bytes.AsSpan(sizeof(int) + length));
        return bytes;
    }

    /// <exception cref="LearnerException">The bytes are cut off or damaged.</exception>
    /// <exception cref="PipelineException">The pipeline is of a version that is not known here.</exception>
    public static (FittedPipeline Pipeline, ILearner Learner) Read(ReadOnlySpan<byte> bytes)
    {
        var length = bytes.Length < sizeof(int) ? -1 : BinaryPrimitives.ReadInt32LittleEndian(bytes);
        if (length < 0 || length > bytes.Length - sizeof(int))
            throw new LearnerException($"The {bytes.Length} bytes are not the state of a live learner.");
        var rest = bytes[sizeof(int)..];
        return (FittedPipeline.FromJson(Encoding.UTF8.GetString(rest[..length])), LearnerFactory.Restore(rest[length..]));
    }
}

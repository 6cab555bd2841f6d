using System.Buffers.Binary;
using OrleansMl.Learning;

namespace OrleansMl.Predictions;

/// <summary>
/// The probabilities of an answer of several classes, as bytes: 2, which no decision of <see cref="DecisionCodec"/> begins with, then a
/// float32 for each class. An answer shows the most probable ones; figures and corrected labels ask for any.
/// </summary>
public static class ProbabilityCodec
{
    private const byte Version = 2;

    /// <param name="probabilities">[C].</param>
    public static byte[] Encode(ReadOnlySpan<double> probabilities)
    {
        var bytes = new byte[1 + (probabilities.Length * sizeof(float))];
        bytes[0] = Version;
        for (var i = 0; i < probabilities.Length; i++)
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(1 + (i * sizeof(float))), (float)probabilities[i]);
        return bytes;
    }

    /// <summary>The probabilities, [C]; null: the bytes are none, as of an answer that is no answer of several classes.</summary>
    public static double[]? Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty || bytes[0] != Version || bytes.Length % sizeof(float) != 1)
            return null;
        var probabilities = new double[bytes.Length / sizeof(float)];
        for (var i = 0; i < probabilities.Length; i++)
            probabilities[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes[(1 + (i * sizeof(float)))..]);
        return probabilities;
    }

    /// <summary>What a logged answer was worth; null: its bytes are no probabilities, or of other classes.</summary>
    /// <param name="bytes">Of the prediction.</param>
    /// <param name="label">The true class.</param>
    public static ClassAnswer? Judge(ReadOnlySpan<byte> bytes, double label) =>
        Decode(bytes) is { } probabilities && label >= 0 && label < probabilities.Length ? ClassAnswer.Of(probabilities, label) : null;
}

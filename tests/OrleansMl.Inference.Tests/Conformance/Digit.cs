using System.Globalization;
using System.Text;

namespace OrleansMl.Inference.Tests.Conformance;

/// <summary>One hand-written digit of the small MNIST set: 28 × 28 pixels, 0-255, row by row.</summary>
internal sealed record Digit(long Label, float[] Pixels)
{
    /// <summary>The digits of a file, the test file by default; the test is skipped where there are none.</summary>
    public static IReadOnlyList<Digit> Read(string file = "mnist-tiny/MNIST.Test.tiny.txt") =>
        [.. Encoding.UTF8.GetString(TestData.Read(file)).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Parse)];

    // A line of the sparse file: the digit, the number of pixels, then index:value for those that are not 0.
    private static Digit Parse(string line)
    {
        var fields = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        var pixels = new float[int.Parse(fields[1], CultureInfo.InvariantCulture)];
        foreach (var pair in fields[2..].Select(f => f.Split(':')))
            pixels[int.Parse(pair[0], CultureInfo.InvariantCulture)] = float.Parse(pair[1], CultureInfo.InvariantCulture);
        return new Digit(long.Parse(fields[0], CultureInfo.InvariantCulture), pixels);
    }
}

namespace OrleansMl.Inference;

/// <summary>Rows to try a network on: even draws from [0, 1), the same each time.</summary>
internal static class HeadProbe
{
    /// <summary>[rows, width].</summary>
    public static float[] Rows(int rows, int width)
    {
        var random = new Random(1);
        var values = new float[rows * width];
        foreach (ref var value in values.AsSpan())
            value = random.NextSingle();
        return values;
    }
}
